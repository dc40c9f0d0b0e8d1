"""Dead letters are moved back to the queues from which they came; MiniStack has no such operation.

A task moves what is visible at once, so that it is COMPLETED when it is answered for; AWS takes a while.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

_LISTED = 10
_TASKS: dict[str, list[dict[str, Any]]] = {}
"""By the ARN of the source, newest first."""

Message = dict[str, Any]


def install() -> None:
    """Add the operations, and let IAM ask for them on the source queue; called before the queues' locks."""
    from ministack.core import iam_actions
    from ministack.services import sqs

    sqs._act_start_message_move_task = start
    sqs._HANDLERS |= {"StartMessageMoveTask": start, "ListMessageMoveTasks": show}
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, *arguments: Any, **named: Any) -> Any:
        body = next((each for each in arguments if isinstance(each, bytes)), named.get("body", b""))
        source = _source(body) if service == "sqs" else None
        return source or extract(service, *arguments, **named)

    iam_actions.extract_resource_arn = extract_resource_arn


def _source(body: bytes) -> str | None:
    if b"SourceArn" not in body:
        return None
    try:
        found = json.loads(body).get("SourceArn")
    except (ValueError, AttributeError):
        return None
    return str(found) if found else None


def start(request: Mapping[str, Any], _url: str) -> dict[str, str]:
    """Move every message that nobody is working on; refused for a queue that takes nobody's dead letters."""
    from ministack.services import sqs

    source, wanted = str(request.get("SourceArn", "")), request.get("DestinationArn")
    dead = _existing(source)
    origins = _origins(source)
    if not origins:
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    staying, moving = _parted(dead["messages"], time.time())
    for message in moving:
        arn = wanted or message["sys"].get("DeadLetterQueueSourceArn") or origins[0]
        _existing(str(arn))["messages"].append(_fresh(message))
    dead["messages"] = staying
    sqs.esm_wake.set()
    return {"TaskHandle": _note(source, wanted, len(moving))}


def show(request: Mapping[str, Any], _url: str) -> dict[str, Any]:
    """The most recent tasks of a source."""
    most = min(int(request.get("MaxResults") or 1), _LISTED)
    return {"Results": _TASKS.get(str(request.get("SourceArn", "")), [])[:most]}


def _existing(arn: str) -> dict[str, Any]:
    from ministack.services import sqs

    queue = sqs._queue_by_arn(arn) if arn.startswith("arn:") else None
    if queue is None:
        message = "The resource that you specified for the SourceArn parameter doesn't exist."
        raise sqs._Err("ResourceNotFoundException", message, 404)
    return queue  # type: ignore[no-any-return]


def _origins(source: str) -> list[str]:
    """ARNs of the queues whose redrive policy names the source."""
    from ministack.services import sqs

    queues = [queue["attributes"] for queue in sqs._queues.values()]
    policies = [(each["QueueArn"], json.loads(each.get("RedrivePolicy") or "{}")) for each in queues]
    return [arn for arn, policy in policies if policy.get("deadLetterTargetArn") == source]


def _parted(messages: Sequence[Message], now: float) -> tuple[list[Message], list[Message]]:
    staying = [message for message in messages if message["visible_at"] > now]
    return staying, [message for message in messages if message["visible_at"] <= now]


def _fresh(message: Message) -> Message:
    """Redriven messages are new ones: with another id, and not yet received."""
    now = time.time()
    sent = {"SentTimestamp": str(int(now * 1000))}
    told = {name: value for name, value in message["sys"].items() if name != "DeadLetterQueueSourceArn"}
    counts = {"receive_count": 0, "first_receive_at": None, "receipt_handle": None}
    return message | counts | {"id": str(uuid4()), "sent_at": now, "visible_at": now, "sys": told | sent}


def _note(source: str, destination: object, moved: int) -> str:
    handle = str(uuid4())
    task = {
        "TaskHandle": handle,
        "Status": "COMPLETED",
        "SourceArn": source,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": moved,
        "StartedTimestamp": int(time.time() * 1000),
    }
    task |= {"DestinationArn": destination} if destination else {}
    _TASKS[source] = [task, *_TASKS.get(source, [])][:_LISTED]
    return handle
