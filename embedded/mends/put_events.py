"""Entries of PutEvents are checked, measured, and keep their time.

MiniStack takes entries without a source, a detail type or a detail that is JSON, of any size, and gives each
the time of its arrival. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
"""

import contextvars
import json
from collections.abc import Mapping
from typing import Any

MOST_BYTES = 1_048_576
"""1 MB since January 2026, 256 KB before: https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb"""
_TIME_BYTES = 14
_NEEDED = ("Source", "DetailType", "Detail")

_time: contextvars.ContextVar[float | None] = contextvars.ContextVar("time_of_entry", default=None)


def install() -> None:
    """Ask before entries are put, and put them one by one under their own time."""
    from ministack.services import eventbridge

    put, now = eventbridge._put_events, eventbridge._now_ts

    def put_events(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = data.get("Entries") or []
        refused = refusal(entries)
        if refused:
            return eventbridge.error_response_json("ValidationException", refused, 400)
        if len(entries) > 10:
            return put(data, allow_aws_source)
        answers = [_put_one(put, entry, allow_aws_source) for entry in entries]
        failed = sum("ErrorCode" in answer for answer in answers)
        return eventbridge.json_response({"FailedEntryCount": failed, "Entries": answers})

    def now_ts() -> float:
        given = _time.get()
        return float(now()) if given is None else given

    eventbridge._put_events = put_events
    eventbridge._now_ts = now_ts


def refusal(entries: Any) -> str | None:
    """Why AWS refuses all of a request; None where it does not."""
    if not entries:
        return (
            "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        )
    if sum(map(size, entries)) > MOST_BYTES:
        return "Total size of the entries in the request is over the limit."
    return None


def size(entry: Mapping[str, Any]) -> int:
    """Bytes of an entry, as AWS counts them."""
    texts = [*(entry.get(key) or "" for key in _NEEDED), *(entry.get("Resources") or [])]
    return sum(len(str(text).encode()) for text in texts) + (_TIME_BYTES if entry.get("Time") else 0)


def fault(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """What AWS answers for an entry that it does not take; None where it takes it."""
    for key in _NEEDED:
        if not entry.get(key):
            message = f"Parameter {key} is not valid. Reason: {key} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    try:
        is_object = isinstance(json.loads(entry["Detail"]), dict)
    except ValueError:
        is_object = False
    return None if is_object else {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def _put_one(put: Any, entry: dict[str, Any], allow_aws_source: bool) -> dict[str, Any]:
    found = fault(entry)
    if found:
        return found
    token = _time.set(_moment(entry.get("Time")))
    try:
        _, _, content = put({"Entries": [entry]}, allow_aws_source)
    finally:
        _time.reset(token)
    answer: dict[str, Any] = json.loads(content)["Entries"][0]
    return answer


def _moment(value: Any) -> float | None:
    from ministack.services import eventbridge

    found = eventbridge._coerce_timestamp(value) if value else None
    return float(found) if isinstance(found, int | float) else None
