"""What AWS asks of a state machine's role before a Task's call, for the integrations that are served in here.

Those of our services (Batch, CodeBuild) make their calls over the wire under the role, and are asked there.
From "Integrating services with Step Functions", one page for each service:
https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from embedded import authority
from embedded.environment import ACCOUNT_ID, REGION
from embedded.integrations import TaskFailure

Needs = list[tuple[str, str]]

_PREFIX = "arn:aws:states:::"
# What an integration's error is called when the service refuses and its SDK has no own class for that.
_DENIALS: Mapping[str, str] = {
    "dynamodb": "DynamoDB.AmazonDynamoDBException",
    "events": "Events.AmazonCloudWatchEventsException",
    "lambda": "Lambda.AWSLambdaException",
    "sns": "SNS.AuthorizationErrorException",
    "sqs": "SQS.AmazonSQSException",
    "states": "StepFunctions.AWSStepFunctionsException",
}
_MANAGED_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


def check(resource: str, arguments: Any, role_arn: str) -> None:
    """Raise AccessDenied unless the role may do all that a Task's resource needs."""
    for action, arn in needs(resource, arguments if isinstance(arguments, dict) else {}):
        authority.check(role_arn, action, arn)


def denial(action: str) -> str:
    """The error name with which a Task fails whose role lacks `action`."""
    return _DENIALS.get(action.partition(":")[0], "States.TaskFailed")


def is_known(resource: str) -> bool:
    """Whether this module knows what a Task's resource needs."""
    return ":activity:" in resource or ":function:" in resource or _name(resource) in _NEEDS


def needs(resource: str, arguments: Mapping[str, Any]) -> Needs:
    """Pairs of action and ARN that a Task's resource needs; a resource that is not known here is refused."""
    if ":activity:" in resource:
        return []
    if ":function:" in resource:
        return [("lambda:InvokeFunction", resource)]
    if not is_known(resource):
        known = ", ".join(sorted(_NEEDS))
        raise TaskFailure("States.Runtime", f"{resource} is not supported here; there are: {known}")
    return _NEEDS[_name(resource)](arguments)


def _name(resource: str) -> str:
    return resource.removeprefix(_PREFIX).removesuffix(".waitForTaskToken")


def _arn(service: str, kind: str, value: str) -> str:
    return value if value.startswith("arn:") else f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{kind}{value}"


def _managed_rule(name: str) -> Needs:
    return [(action, _arn("events", "rule/", name)) for action in _MANAGED_RULE_ACTIONS]


def _invoke_function(arguments: Mapping[str, Any]) -> Needs:
    name = str(arguments.get("FunctionName", ""))
    qualifier = f":{arguments['Qualifier']}" if arguments.get("Qualifier") else ""
    return [("lambda:InvokeFunction", _arn("lambda", "function:", name) + qualifier)]


def _start_execution(arguments: Mapping[str, Any]) -> Needs:
    return [("states:StartExecution", str(arguments.get("StateMachineArn", "")))]


def _run_execution(arguments: Mapping[str, Any]) -> Needs:
    execution = str(arguments.get("StateMachineArn", "")).replace(":stateMachine:", ":execution:")
    return [
        *_start_execution(arguments),
        ("states:DescribeExecution", f"{execution}:{arguments.get('Name', '*')}"),
        *_managed_rule("StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    ]


def _put_events(arguments: Mapping[str, Any]) -> Needs:
    buses = {str(entry.get("EventBusName", "default")) for entry in arguments.get("Entries", [])}
    return [("events:PutEvents", _arn("events", "event-bus/", bus)) for bus in sorted(buses)]


def _send_message(arguments: Mapping[str, Any]) -> Needs:
    queue = str(arguments.get("QueueUrl", "")).rpartition("/")[2]
    return [("sqs:SendMessage", _arn("sqs", "", queue))]


def _publish(arguments: Mapping[str, Any]) -> Needs:
    return [("sns:Publish", str(arguments.get("TopicArn", "")))]


def _on_table(action: str) -> Callable[[Mapping[str, Any]], Needs]:
    return lambda arguments: [(action, _arn("dynamodb", "table/", str(arguments.get("TableName", ""))))]


_NEEDS: Mapping[str, Callable[[Mapping[str, Any]], Needs]] = {
    "dynamodb:deleteItem": _on_table("dynamodb:DeleteItem"),
    "dynamodb:getItem": _on_table("dynamodb:GetItem"),
    "dynamodb:putItem": _on_table("dynamodb:PutItem"),
    "dynamodb:updateItem": _on_table("dynamodb:UpdateItem"),
    "events:putEvents": _put_events,
    "lambda:invoke": _invoke_function,
    "sns:publish": _publish,
    "sqs:sendMessage": _send_message,
    "states:startExecution": _start_execution,
    "states:startExecution.sync": _run_execution,
    "states:startExecution.sync:2": _run_execution,
}
