"""The targets of rules that are served here, and the calls that those with a role get.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from embedded.rules import inputs, paths
from embedded.schedules.targets import Request

Target = Mapping[str, Any]

MOST_TARGETS = 5
IN_PROCESS = ("lambda", "sqs", "sns", "events")


class InvalidTarget(ValueError):
    """A target that AWS refuses, or that is not done here."""


def check(target: Target) -> None:
    """Raise InvalidTarget, worded as AWS words it where it does."""
    arn = str(target.get("Arn", ""))
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise InvalidTarget(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    service = parts[2]
    if service not in IN_PROCESS and service not in CALLS:
        raise InvalidTarget(f"{service} is not a supported service for a target here.")
    if service in CALLS and not target.get("RoleArn"):
        raise InvalidTarget(f"RoleArn is required for target {arn}.")
    _check_parameters(target, service)
    try:
        inputs.check(target)
    except inputs.InvalidInput as error:
        raise InvalidTarget(str(error)) from error


def _check_parameters(target: Target, service: str) -> None:
    arn = target["Arn"]
    for name, of in _PARAMETERS.items():
        if target.get(name) and of != service:
            raise InvalidTarget(f"Parameter(s) {name} must not be specified for target: {target.get('Id')}.")
    if service == "batch" and not target.get("BatchParameters"):
        raise InvalidTarget(f"BatchParameters is required for target {arn}.")
    if service == "sqs" and arn.endswith(".fifo") and not _group(target):
        message = f"Parameter(s) SqsParameters must be specified for target: {target.get('Id')}."
        raise InvalidTarget(message)
    retry = target.get("RetryPolicy") or {}
    if not 60 <= int(retry.get("MaximumEventAgeInSeconds", 60)) <= 86_400:
        raise InvalidTarget("MaximumEventAgeInSeconds must be from 60 to 86400.")
    if not 0 <= int(retry.get("MaximumRetryAttempts", 0)) <= 185:
        raise InvalidTarget("MaximumRetryAttempts must be from 0 to 185.")
    dead = (target.get("DeadLetterConfig") or {}).get("Arn", "arn:aws:sqs:")
    if not dead.startswith("arn:aws:sqs:") or dead.endswith(".fifo"):
        raise InvalidTarget("A dead-letter queue must be a standard queue of Amazon SQS.")


def request(target: Target, payload: str, event: Mapping[str, Any]) -> Request:
    """The call for a target that is invoked under its role."""
    return CALLS[target["Arn"].split(":")[2]](target, payload, event)


def _group(target: Target) -> str:
    return str((target.get("SqsParameters") or {}).get("MessageGroupId", ""))


def _states(target: Target, payload: str, _event: Any) -> Request:
    return Request("stepfunctions", "StartExecution", {"stateMachineArn": target["Arn"], "input": payload})


def _codebuild(target: Target, payload: str, _event: Any) -> Request:
    own = json.loads(payload) if target.get("Input") or target.get("InputTransformer") else {}
    return Request("codebuild", "StartBuild", own | {"projectName": target["Arn"].rpartition("/")[2]})


def _batch(target: Target, payload: str, _event: Any) -> Request:
    own = target["BatchParameters"]
    parameters = {"jobName": own["JobName"], "jobQueue": target["Arn"], "jobDefinition": own["JobDefinition"]}
    if (own.get("RetryStrategy") or {}).get("Attempts"):
        parameters["retryStrategy"] = {"attempts": int(own["RetryStrategy"]["Attempts"])}
    if (own.get("ArrayProperties") or {}).get("Size"):
        parameters["arrayProperties"] = {"size": int(own["ArrayProperties"]["Size"])}
    given = json.loads(payload) if target.get("Input") or target.get("InputTransformer") else {}
    return Request("batch", "SubmitJob", parameters | _overrides(given))


def _overrides(given: Mapping[str, Any]) -> dict[str, Any]:
    overrides = {"Parameters": "parameters", "ContainerOverrides": "containerOverrides"}
    return {small: _lowered(given[large]) for large, small in overrides.items() if large in given}


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _lowered(each) for key, each in value.items()}
    return [_lowered(each) for each in value] if isinstance(value, list) else value


def _kinesis(target: Target, payload: str, event: Mapping[str, Any]) -> Request:
    path = (target.get("KinesisParameters") or {}).get("PartitionKeyPath", "$.id")
    parameters = {
        "StreamName": target["Arn"].rpartition("/")[2],
        "Data": payload.encode(),
        "PartitionKey": str(paths.follow(path, event)),
    }
    return Request("kinesis", "PutRecord", parameters)


CALLS: Mapping[str, Callable[[Target, str, Mapping[str, Any]], Request]] = {
    "states": _states,
    "codebuild": _codebuild,
    "batch": _batch,
    "kinesis": _kinesis,
}
_PARAMETERS = {
    "SqsParameters": "sqs",
    "BatchParameters": "batch",
    "KinesisParameters": "kinesis",
    "EcsParameters": "ecs",
    "RunCommandParameters": "ssm",
    "RedshiftDataParameters": "redshift",
    "SageMakerPipelineParameters": "sagemaker",
    "AppSyncParameters": "appsync",
}
