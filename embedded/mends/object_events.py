"""S3's events on EventBridge say which version of an object they are about, as AWS's do.

MiniStack leaves the version out, and the time has fractions of a second; a deletion has a size.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import contextvars
import json
import time
from collections.abc import Mapping
from typing import Any

_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("version_of_event", default=None)


def install() -> None:
    """Complete the events on their way from S3 to EventBridge."""
    from ministack.services import eventbridge, s3

    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire_event(*arguments: Any, **named: Any) -> None:
        token = _version.set(named.get("version_id"))
        try:
            fire(*arguments, **named)
        finally:
            _version.reset(token)

    def dispatch_event(event: Mapping[str, Any], view: Any = None) -> None:
        if event.get("Source") == "aws.s3" and view is None:
            event = complete(event, _version.get(), now=time.time())
        dispatch(event, view)

    s3._fire_s3_event = fire_event
    eventbridge._dispatch_event = dispatch_event


def complete(event: Mapping[str, Any], version_id: str | None, *, now: float) -> dict[str, Any]:
    """An event of S3's with AWS's members, `version-id` where the object has one."""
    detail = json.loads(event["Detail"])
    detail.pop("event-version", None)
    described = detail["object"]
    if event.get("DetailType") == "Object Deleted":
        described = {key: value for key, value in described.items() if key != "size" and value}
    if version_id:
        described = {"key": described["key"], "version-id": version_id} | described
    return {**event, "Time": int(now), "Detail": json.dumps(detail | {"object": described})}
