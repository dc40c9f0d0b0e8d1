"""The call that a schedule makes: a templated target's, or any operation of the SDK's.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from embedded import shapes

Target = Mapping[str, Any]

_UNIVERSAL = re.compile(r"arn:aws:scheduler:::aws-sdk:([a-z0-9-]+):([a-zA-Z0-9]+)")
# Service names of the SDK for Java that are not botocore's.
_BOTOCORE = {
    "sfn": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "sagemakerruntime": "sagemaker-runtime",
}
_READS = (
    "get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read", "lookup",
    "discover", "validate", "batchGet", "batchDescribe", "batchRead", "transactGet", "adminGet", "adminList",
    "testMigration", "retrieve", "testConnection", "translateDocument", "isAuthorized", "invokeModel",
)  # fmt: skip


class InvalidTarget(ValueError):
    """A target that AWS refuses, or that is not done here."""


@dataclass(frozen=True)
class Request:
    """A call by boto3: its name of the service, the operation, and the parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    source_arn: str = ""
    """The resource for which it is made, which the role's trust policy may name: the schedule's group."""


def request(target: Target, payload: str, execution_id: str) -> Request:
    """The call for a target; `payload` is the input, filled, or the notification that stands for it."""
    universal = _UNIVERSAL.fullmatch(target["Arn"])
    if universal:
        service, operation = _operation(*universal.groups())
        return Request(service, operation, json.loads(payload) if target.get("Input") else {})
    return _TEMPLATES[target["Arn"].split(":")[2]](target, payload, execution_id)


def check(target: Target) -> None:
    """Raise InvalidTarget for what cannot be invoked."""
    arn = str(target.get("Arn", ""))
    universal = _UNIVERSAL.fullmatch(arn)
    if universal:
        _operation(*universal.groups())
        _check_json(target)
        return
    parts = arn.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        raise InvalidTarget(f"Provided Arn is not in correct format: {arn}")
    if parts[2] not in _TEMPLATES:
        raise InvalidTarget(f"{parts[2]} is not a supported service for a target here: {sorted(_TEMPLATES)}")
    _check_parameters(target, parts[2])


def _check_parameters(target: Target, service: str) -> None:
    for name, (of, required) in _PARAMETERS.items():
        if name in target and of != service:
            raise InvalidTarget(f"{name} are not for a target of {service}")
        if name not in target and of == service and required:
            raise InvalidTarget(f"{name} are required for a target of {service}")
    if service == "sqs" and target["Arn"].endswith(".fifo") and not _group(target):
        raise InvalidTarget("SqsParameters.MessageGroupId is required for a FIFO queue")
    if service in _OF_JSON:
        _check_json(target)


def _check_json(target: Target) -> None:
    try:
        json.loads(target.get("Input") or "{}")
    except ValueError as error:
        raise InvalidTarget(f"Invalid JSON in Input: {error}") from error


@cache
def _operation(service: str, operation: str) -> tuple[str, str]:
    """Botocore's names for an operation of the SDK's."""
    from botocore.exceptions import UnknownServiceError
    from ministack import app

    name = _BOTOCORE.get(service, service)
    if any(operation.startswith(verb) for verb in _READS):
        raise InvalidTarget(f"{operation} only reads: it is not a supported operation of a universal target")
    try:
        model = shapes.service_model(name)
    except UnknownServiceError as error:
        raise InvalidTarget(f"{service} is no service of the SDK") from error
    if not {name, model.signing_name, model.endpoint_prefix} & set(app.SERVICE_HANDLERS):
        raise InvalidTarget(f"{service} is not served here")
    found = operation[0].upper() + operation[1:]
    if found not in model.operation_names:
        raise InvalidTarget(f"{operation} is no operation of {service}")
    return name, found


def _group(target: Target) -> str:
    return str((target.get("SqsParameters") or {}).get("MessageGroupId", ""))


def _lambda(target: Target, payload: str, _execution_id: str) -> Request:
    parameters = {"FunctionName": target["Arn"], "InvocationType": "Event", "Payload": payload}
    return Request("lambda", "Invoke", parameters)


def _states(target: Target, payload: str, execution_id: str) -> Request:
    # Named, so that an attempt whose answer was lost starts nothing twice.
    parameters = {"stateMachineArn": target["Arn"], "input": payload, "name": execution_id}
    return Request("stepfunctions", "StartExecution", parameters)


def _sqs(target: Target, payload: str, execution_id: str) -> Request:
    _, _, _, region, account, name = target["Arn"].split(":", 5)
    url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
    group = {"MessageGroupId": _group(target)} if _group(target) else {}
    once = {"MessageDeduplicationId": execution_id} if name.endswith(".fifo") else {}
    return Request("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": payload} | group | once)


def _sns(target: Target, payload: str, _execution_id: str) -> Request:
    return Request("sns", "Publish", {"TopicArn": target["Arn"], "Message": payload})


def _events(target: Target, payload: str, _execution_id: str) -> Request:
    entry = {"EventBusName": target["Arn"], "Detail": payload}
    return Request("events", "PutEvents", {"Entries": [entry | dict(target["EventBridgeParameters"])]})


def _kinesis(target: Target, payload: str, _execution_id: str) -> Request:
    parameters = {"StreamName": target["Arn"].rpartition("/")[2], "Data": payload.encode()}
    return Request("kinesis", "PutRecord", parameters | dict(target["KinesisParameters"]))


def _codebuild(target: Target, payload: str, _execution_id: str) -> Request:
    own = json.loads(payload) if target.get("Input") else {}
    return Request("codebuild", "StartBuild", own | {"projectName": target["Arn"].rpartition("/")[2]})


_TEMPLATES: Mapping[str, Callable[[Target, str, str], Request]] = {
    "lambda": _lambda,
    "states": _states,
    "sqs": _sqs,
    "sns": _sns,
    "events": _events,
    "kinesis": _kinesis,
    "codebuild": _codebuild,
}
# Parameters of a target: the service that they are for, and whether it needs them.
_PARAMETERS = {
    "SqsParameters": ("sqs", False),
    "EventBridgeParameters": ("events", True),
    "KinesisParameters": ("kinesis", True),
    "EcsParameters": ("ecs", True),
    "SageMakerPipelineParameters": ("sagemaker", True),
}
_OF_JSON = {"lambda", "states", "events", "codebuild"}
