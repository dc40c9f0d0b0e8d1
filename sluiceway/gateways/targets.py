"""Whatever EventBridge, its Scheduler and Lambda deliver to, given by its ARN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import ClientError

from sluiceway.errors import PermanentError
from sluiceway.gateways.aws_errors import asking, error_code
from sluiceway.gateways.dead_letters import queue_url

NewClient = Callable[[str], Any]
"""The boto3 client of a service."""


class UnknownTarget(PermanentError):
    """Something that nothing of ours delivers to."""


class Targets(Protocol):
    """Where events are handed over."""

    def deliver(self, arn: str, payload: str, *, name: str) -> None:
        """Hand a payload (JSON) to the target; `name` is the same for every try of the same delivery.

        Raises `UnknownTarget`, and `ServiceUnavailable` when it may be tried again.
        """


class AwsTargets:
    """`Targets` in AWS: a function, a queue, a state machine."""

    def __init__(self, connect: NewClient) -> None:
        self._connect = connect

    def deliver(self, arn: str, payload: str, *, name: str) -> None:
        """As EventBridge does it. A function and a queue may get it twice; an execution is started once."""
        service = arn.split(":")[2] if arn.count(":") >= 5 else ""
        if service not in _WAYS:
            raise UnknownTarget(f"{arn or 'a target without a name'} is nothing that a letter is sent to")
        with asking(service, f"delivering to {arn}"):
            _WAYS[service](self._connect, arn, payload, name)


def _invoke(connect: NewClient, arn: str, payload: str, _name: str) -> None:
    function = ":".join(arn.split(":")[:7])  # without `:$LATEST`
    connect("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload.encode())


def _send(connect: NewClient, arn: str, payload: str, _name: str) -> None:
    sqs = connect("sqs")
    sqs.send_message(QueueUrl=queue_url(sqs, arn), MessageBody=payload)


def _start(connect: NewClient, arn: str, payload: str, name: str) -> None:
    try:
        connect("stepfunctions").start_execution(stateMachineArn=arn, name=name, input=payload)
    except ClientError as error:
        if error_code(error) != "ExecutionAlreadyExists":
            raise


_WAYS: Mapping[str, Callable[[NewClient, str, str, str], None]] = {
    "lambda": _invoke,
    "sqs": _send,
    "states": _start,
}
"""By the service in the ARN."""
