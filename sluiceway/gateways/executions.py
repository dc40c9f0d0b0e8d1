"""Executions of state machines, started under names that make a second start the same start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from sluiceway.contract import Contract
from sluiceway.gateways.aws_errors import asking, error_code

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class Executions(Protocol):
    """Where state machines are started."""

    def start(self, machine_arn: str, name: str, given: Contract) -> str:
        """Start an execution unless one of that name was started; returns its ARN either way."""

    def stop(self, machine_arn: str, name: str, *, error: str, cause: str) -> None:
        """Stop the execution of that name; one that has ended, or was never started, is left alone."""


class StepFunctionsExecutions:
    """`Executions` of Step Functions' standard workflows."""

    def __init__(self, client: SFNClient) -> None:
        self._client = client

    def start(self, machine_arn: str, name: str, given: Contract) -> str:
        """Start an execution unless one of that name was started; returns its ARN either way."""
        try:
            with asking("Step Functions", f"StartExecution {name}"):
                return self._client.start_execution(
                    stateMachineArn=machine_arn, name=name, input=given.model_dump_json()
                )["executionArn"]
        except ClientError as error:
            if error_code(error) == "ExecutionAlreadyExists":
                return execution_arn(machine_arn, name)
            raise

    def stop(self, machine_arn: str, name: str, *, error: str, cause: str) -> None:
        """Stop the execution of that name; one that has ended, or was never started, is left alone."""
        try:
            with asking("Step Functions", f"StopExecution {name}"):
                arn = execution_arn(machine_arn, name)
                self._client.stop_execution(executionArn=arn, error=error, cause=cause)
        except ClientError as error_answer:
            if error_code(error_answer) != "ExecutionDoesNotExist":
                raise


def execution_arn(machine_arn: str, name: str) -> str:
    """ARN that the execution of that name has."""
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
