"""`sqs:sendMessage`, `sns:publish` and `events:putEvents`.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html, and there connect-sns.html and
connect-eventbridge.html
"""

from typing import Any

from embedded.integrations import TaskFailure
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.integrations.calling import Attempt, machine_of
from embedded.stepfunctions.integrations.failures import OptimisedNames
from embedded.stepfunctions.integrations.optimised import Optimised, alone, as_text

_PATTERNS = frozenset({"", ".waitForTaskToken"})


def _send(arguments: dict[str, Any], _: Attempt) -> dict[str, Any]:
    return arguments | {name: as_text(arguments[name]) for name in ("MessageBody",) if name in arguments}


def _publish(arguments: dict[str, Any], _: Attempt) -> dict[str, Any]:
    return arguments | {name: as_text(arguments[name]) for name in ("Message",) if name in arguments}


def _put(arguments: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
    """Step Functions adds the ARNs of the machine and the execution to each entry's resources."""
    own = [machine_of(attempt.task.execution_arn), attempt.task.execution_arn]
    entries = arguments.get("Entries", [])
    if not isinstance(entries, list):
        return arguments
    return arguments | {"Entries": [_entry(entry, own) for entry in entries]}


def _entry(entry: Any, own: list[str]) -> Any:
    if not isinstance(entry, dict):
        return entry
    detail = {"Detail": as_text(entry["Detail"])} if "Detail" in entry else {}
    return entry | detail | {"Resources": [*entry.get("Resources", []), *own]}


def _taken(found: dict[str, Any], answer: dict[str, Any]) -> Any:
    """One entry that was not taken fails the Task."""
    if found.get("FailedEntryCount"):
        raise TaskFailure("EventBridge.FailedEntry", dumps(found))
    return alone(found, answer)


INTEGRATIONS = {
    "sqs:sendMessage": Optimised(
        names=OptimisedNames("sqs", "SQS", "AmazonSQS", "AmazonSQSException"),
        operation="SendMessage",
        parameters=frozenset(
            {"DelaySeconds", "MessageAttributes", "MessageBody", "MessageDeduplicationId"}
            | {"MessageGroupId", "QueueUrl"}
        ),
        patterns=_PATTERNS,
        prepare=_send,
    ),
    "sns:publish": Optimised(
        names=OptimisedNames("sns", "SNS", "AmazonSNS", "AmazonSNSException"),
        operation="Publish",
        parameters=frozenset(
            {"Message", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId", "MessageStructure"}
            | {"PhoneNumber", "Subject", "TargetArn", "TopicArn"}
        ),
        patterns=_PATTERNS,
        prepare=_publish,
    ),
    "events:putEvents": Optimised(
        names=OptimisedNames("events", "EventBridge", "AmazonEventBridge", "AmazonEventBridgeException"),
        operation="PutEvents",
        parameters=frozenset({"Entries"}),
        patterns=_PATTERNS,
        prepare=_put,
        shape=_taken,
    ),
}
