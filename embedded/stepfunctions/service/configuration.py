"""The settings of a state machine beside its definition: logging, tracing, encryption.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from embedded.api_error import ApiError
from embedded.stepfunctions.service import errors

NO_LOGGING: Mapping[str, Any] = {"level": "OFF", "includeExecutionData": False}
NO_TRACING: Mapping[str, Any] = {"enabled": False}
ENCRYPTION: Mapping[str, Any] = {"type": "AWS_OWNED_KEY"}

_GROUP = re.compile(r"arn:[a-z-]+:logs:[a-z0-9-]+:\d{12}:log-group:([^:]+):\*")


GroupExists = Callable[[str], bool]


def logging(given: Mapping[str, Any] | None, exists: GroupExists) -> dict[str, Any]:
    """A logging configuration as it is kept; InvalidLoggingConfiguration for one that cannot work.

    Whether the role may deliver logs is asked where roles are handed over, with `iam:PassRole`.
    """
    if given is None:
        return dict(NO_LOGGING)
    kept = dict(NO_LOGGING) | dict(given)
    if kept["level"] == "OFF":
        return kept
    _check_destination(_destination(kept.get("destinations", ())), exists)
    return kept


def log_group(kept: Mapping[str, Any]) -> str | None:
    """The name of the group that a machine logs to; None where it does not."""
    if kept["level"] == "OFF":
        return None
    match = _GROUP.fullmatch(_destination(kept["destinations"]))
    return match[1] if match else None


def tracing(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """A tracing configuration as it is kept. No traces are sent: X-Ray is not part of the embedded cloud."""
    return dict(NO_TRACING) | dict(given or {})


def check_encryption(given: Mapping[str, Any] | None) -> None:
    """Keys of one's own are refused."""
    if not given or given["type"] == "AWS_OWNED_KEY":
        if given and (given.get("kmsKeyId") or given.get("kmsDataKeyReusePeriodSeconds")):
            message = "Invalid Encryption Configuration: KmsKeyId must be unset when Type is AWS_OWNED_KEY"
            raise ApiError("InvalidEncryptionConfiguration", message)
        return
    raise ApiError(
        "InvalidEncryptionConfiguration",
        "Invalid Encryption Configuration: CUSTOMER_MANAGED_KMS_KEY is not supported by the embedded cloud",
    )


def check_type(given: str | None) -> None:
    """Express workflows are refused."""
    if given == "EXPRESS":
        raise ApiError(
            "StateMachineTypeNotSupported", "EXPRESS state machines are not supported by the embedded cloud"
        )


def _destination(destinations: Any) -> str:
    arns = [(item.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") for item in destinations]
    if len(arns) != 1 or not arns[0]:
        raise _invalid("Must specify exactly one Log Destination.")
    return str(arns[0])


def _check_destination(arn: str, exists: GroupExists) -> None:
    match = _GROUP.fullmatch(arn)
    if match is None:
        raise errors.invalid_arn(arn)
    if not exists(match[1]):
        raise _invalid("Log Destination not found.")


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {reason}")
