"""What a dead letter says: what it was about, why nobody could handle it, and where it was to go.

Three senders, three envelopes:

- SQS moves a message that was received too often; its body is what it was.
- EventBridge and its Scheduler put the event in the body and the rest into attributes
  ("Using dead-letter queues to process undelivered events" in the EventBridge user guide).
- Lambda wraps the event with which a function failed into an invocation record
  ("Capturing records of Lambda asynchronous invocations" in the Lambda developer guide).
"""

import json
from collections.abc import Mapping
from typing import Any

from sluiceway.contract import Contract
from sluiceway.gateways.dead_letters import Letter
from sluiceway.reasons import Reason

_LONGEST = 200
"""Characters of a word: a letter may hold anything."""
_SUBJECTS = ("project", "dataset", "run_id", "deployment_id", "name", "stateMachineArn", "event_id")
"""Of an event's detail: the first of these that is there says what it is about."""


class DeadLetter(Contract):
    """A letter, read."""

    queue: str
    message_id: str
    sent_at: str
    about: str
    """For example `CodePushed flight-delay`."""
    reason: Reason
    target: str | None
    """ARN of what it is for; None: SQS knows, or nobody."""
    payload: str
    """What the target is to be given."""


def read_letter(letter: Letter, queue: str) -> DeadLetter:
    """The letter, whatever its envelope; nothing in it is trusted to be there."""
    body = _parsed(letter.body)
    if "requestPayload" in body and "requestContext" in body:
        reason, target, payload = _of_function(body)
    elif "TARGET_ARN" in letter.attributes:
        reason, target, payload = _of_rule(letter)
    else:
        reason, target, payload = _of_queue(letter)
    return DeadLetter(
        queue=queue,
        message_id=letter.message_id,
        sent_at=letter.sent_at,
        about=about(_parsed(payload)),
        reason=reason,
        target=target,
        payload=payload,
    )


def _of_queue(letter: Letter) -> tuple[str, str | None, str]:
    return f"its function failed each of {letter.receives} times: see the function's log", None, letter.body


def _of_rule(letter: Letter) -> tuple[str, str | None, str]:
    told = letter.attributes
    retries = f" after {told['RETRY_ATTEMPTS']} retries" if told.get("RETRY_ATTEMPTS", "0") != "0" else ""
    reason = f"{told.get('ERROR_CODE', 'not delivered')}{retries}: {told.get('ERROR_MESSAGE', 'no reason')}"
    return reason, told["TARGET_ARN"], letter.body


def _of_function(body: Mapping[str, Any]) -> tuple[str, str | None, str]:
    context, answer = _mapping(body["requestContext"]), _mapping(body.get("responsePayload"))
    error = answer.get("errorType") or context.get("condition") or "the function failed"
    message = f": {answer['errorMessage']}" if answer.get("errorMessage") else ""
    target = context.get("functionArn")
    return f"{error}{message}", str(target) if target else None, json.dumps(body["requestPayload"])


def about(event: Mapping[str, Any]) -> str:
    """What an event says of itself, in a few words."""
    kind = event.get("detail-type")
    detail = _mapping(event.get("detail")) if kind else event
    key = _mapping(detail.get("object")).get("key")
    subject = key or next((detail[name] for name in _SUBJECTS if detail.get(name)), None)
    words = [str(word)[:_LONGEST] for word in (kind, subject) if word]
    return " ".join(words) or "something that is no event"


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
