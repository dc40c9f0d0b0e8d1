"""PutEvents on a bus of another account, and what a policy may ask of the events that are put.

MiniStack knows no bus of another account, and fills in neither `events:source` nor `events:detail-type`. An
event on another account's bus carries the account of its sender.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
"""

import contextvars
import json
from collections.abc import Mapping
from typing import Any

_PUT = "events:PutEvents"
_sender: contextvars.ContextVar[str | None] = contextvars.ContextVar("sender_of_events", default=None)


def install() -> None:
    """Put each entry where its bus is, under its sender's account; tell IAM sources and types."""
    from ministack.core import iam_actions
    from ministack.services import eventbridge

    put, view, tags = (
        eventbridge._put_events,
        eventbridge._pattern_event_view,
        iam_actions.request_tag_context,
    )

    def put_events(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = data.get("Entries") or []
        if len(entries) > 10 or not any(_foreign(entry) for entry in entries):
            return put(data, allow_aws_source)
        return _merged([_put_there(put, entry, allow_aws_source) for entry in entries])

    def pattern_event_view(event: dict[str, Any]) -> Any:
        if _sender.get():
            event["Account"] = _sender.get()
        return view(event)

    def request_tag_context(service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        found: dict[str, Any] = tags(service, action, body, params)
        return found | (conditions(body) if action == _PUT else {})

    eventbridge._put_events = put_events
    eventbridge._pattern_event_view = pattern_event_view
    iam_actions.request_tag_context = request_tag_context


def conditions(body: bytes) -> dict[str, list[str]]:
    """Every source and every detail type of a request, for operators of sets."""
    try:
        entries = json.loads(body or b"{}").get("Entries") or []
    except (ValueError, AttributeError):
        entries = []
    given = [entry for entry in entries if isinstance(entry, dict)]
    return {
        "events:source": [str(entry.get("Source", "")) for entry in given],
        "events:detail-type": [str(entry.get("DetailType", "")) for entry in given],
    }


def _foreign(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Account and region of an entry's bus, where they are not the sender's."""
    from ministack.core.responses import get_account_id, get_region

    arn = str(entry.get("EventBusName") or "")
    if not arn.startswith("arn:aws:events:") or arn.count(":") < 5:
        return None
    region, account = arn.split(":")[3:5]
    return (account, region) if (account, region) != (get_account_id(), get_region()) else None


def _put_there(put: Any, entry: dict[str, Any], allow_aws_source: bool) -> Any:
    from ministack.core.responses import get_account_id, request_scope

    place, token = _foreign(entry), _sender.set(get_account_id())
    try:
        if place is None:
            return put({"Entries": [entry]}, allow_aws_source)
        with request_scope(*place):
            return put({"Entries": [entry]}, allow_aws_source)
    finally:
        _sender.reset(token)


def _merged(answers: list[Any]) -> Any:
    """One answer; the first refusal of a whole request stands for all."""
    from ministack.services import eventbridge

    refused = next((answer for answer in answers if answer[0] >= 400), None)
    if refused is not None:
        return refused
    parsed = [json.loads(content) for _, _, content in answers]
    return eventbridge.json_response(
        {
            "FailedEntryCount": sum(each["FailedEntryCount"] for each in parsed),
            "Entries": [entry for each in parsed for entry in each["Entries"]],
        }
    )
