"""Machines that call, wait, nest and ask, in a cloud whose server is killed.

To add what executions do at a kill: a machine in `Stage._definitions`.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from embedded.environment import ACCOUNT_ID, REGION
from tests.embedded.conftest import CloudSession, allow, wait_for

_END_SECONDS = 120
_STATES = "arn:aws:states:::"
_ENDS = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})
_CODE = """
import time
def handler(event, context):
    time.sleep(0.2)
    if event["value"] < 0:
        raise ValueError("below zero")
    return event["value"] * 2
"""
_LOST = ("ServiceException", "AWSLambdaException", "SdkClientException", "ClientExecutionTimeoutException")
_RETRY = [
    {
        "ErrorEquals": [
            f"{prefix}.{name}" for prefix in ("Lambda", "SQS", "StepFunctions") for name in _LOST
        ],
        "IntervalSeconds": 1,
        "BackoffRate": 1.5,
        "MaxAttempts": 20,
        "MaxDelaySeconds": 5,
    }
]

End = tuple[str, str | None, str | None]
"""Status, output, error."""


class Stage:
    """Machines that call, wait, nest and ask, and a queue that hears of their ends."""

    def __init__(self, cloud: CloudSession) -> None:
        self._client = cache(cloud.client)
        self._asked, self._told = self._queue("asked"), self._queue("told")
        self._function = cloud.function(_CODE)
        self._role = cloud.role(
            allow("lambda:InvokeFunction"), allow("sqs:SendMessage"), allow("states:*"), allow("events:*")
        )
        self.machines: dict[str, str] = {}
        for name, definition in self._definitions().items():
            self.machines[name] = cloud.machine({"TimeoutSeconds": 3600, **definition}, role=self._role)
        self.machines["nested"] = cloud.machine(self._nesting(), role=self._role)
        self._listen()

    def start(self, machine: str, name: str) -> str:
        """Start an execution by its name; that it was taken already is an acknowledgement, too."""
        arn, states = self.machines[machine], self._client("stepfunctions")
        try:
            answer = states.start_execution(stateMachineArn=arn, name=name, input='{"value": 21}')
        except states.exceptions.ExecutionAlreadyExists:
            return f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
        return str(answer["executionArn"])

    def end(self, arn: str) -> End | None:
        """How an execution ended, which is waited for; None where there is none."""
        states = self._client("stepfunctions")
        try:
            wait_for(
                lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING",
                seconds=_END_SECONDS,
            )
        except states.exceptions.ExecutionDoesNotExist:
            return None
        found = states.describe_execution(executionArn=arn)
        return found["status"], found.get("output"), found.get("error")

    def is_whole(self, arn: str) -> bool:
        """Whether a history has no gaps, follows itself and ends once."""
        pages = self._client("stepfunctions").get_paginator("get_execution_history")
        events = [event for page in pages.paginate(executionArn=arn) for event in page["events"]]
        ends = [event["id"] for event in events if event["type"] in _ENDS]
        numbers = [event["id"] for event in events]
        follows = all(event["previousEventId"] < event["id"] for event in events)
        return follows and numbers == list(range(1, len(events) + 1)) and ends == [len(events)]

    def answer(self) -> None:
        """Answer the tasks that ask."""
        states = self._client("stepfunctions")

        def answer(body: Any) -> None:
            # Its task was lost with a kill, and asks again; or it was answered before the kill.
            with contextlib.suppress(states.exceptions.TaskTimedOut):
                states.send_task_success(taskToken=body["token"], output='"approved"')

        self._receive(self._asked, answer)

    def hear(self, told: set[tuple[str, str]]) -> None:
        """Add ARNs and statuses of which events tell."""
        self._receive(self._told, lambda body: told.add(_told(body["detail"])))

    def _definitions(self) -> Mapping[str, Mapping[str, Any]]:
        nap = {"Nap": {"Type": "Wait", "Seconds": 1, "Next": "Work"}}
        line = {"StartAt": "Nap", "States": nap | {"Work": self._call("{% $states.input.value %}")}}
        item = {"StartAt": "Work", "States": {"Work": self._call("{% $states.input %}")}}
        spread = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}} | item
        each = {"Type": "Map", "Items": [1, 2, 3, 4], "MaxConcurrency": 2, "End": True}
        failing = {"StartAt": "Work", "States": {"Work": self._call(-1)}}
        token = {"token": "{% $states.context.Task.Token %}"}
        asking = {"QueueUrl": self._asked, "MessageBody": token}
        return {
            "line": line,
            "each": {"StartAt": "Each", "States": {"Each": each | {"ItemProcessor": item}}},
            "spread": {"StartAt": "Each", "States": {"Each": each | {"ItemProcessor": spread}}},
            "failing": failing,
            "asking": {
                "StartAt": "Ask",
                "States": {"Ask": _task("sqs:sendMessage.waitForTaskToken", asking)},
            },
        }

    def _nesting(self) -> Mapping[str, Any]:
        arguments = {"StateMachineArn": self.machines["line"], "Input": "{% $states.input %}"}
        child = _task("states:startExecution.sync:2", arguments, Output="{% $states.result.Output %}")
        return {"StartAt": "Child", "States": {"Child": child}}

    def _call(self, value: Any) -> dict[str, Any]:
        arguments = {"FunctionName": self._function, "Payload": {"value": value}}
        return _task("lambda:invoke", arguments, Output="{% $states.result.Payload %}")

    def _queue(self, name: str) -> str:
        sqs, arn = self._client("sqs"), f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
        statement |= {"Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        # Received just before a kill, a message soon comes again.
        attributes = {"Policy": policy, "VisibilityTimeout": "5"}
        return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    def _listen(self) -> None:
        events = self._client("events")
        detail = {"stateMachineArn": list(self.machines.values())}
        pattern = {"source": ["aws.states"], "detail": detail}
        events.put_rule(Name="told", EventPattern=json.dumps(pattern))
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:told"
        events.put_targets(Rule="told", Targets=[{"Id": "queue", "Arn": arn}])

    def _receive(self, url: str, take: Callable[[Any], None]) -> None:
        sqs = self._client("sqs")
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in found.get("Messages", []):
            take(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _told(detail: Mapping[str, Any]) -> tuple[str, str]:
    return detail["executionArn"], detail["status"]


def _task(resource: str, arguments: Any, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": _STATES + resource,
        "Arguments": arguments,
        "Retry": _RETRY,
        "End": True,
        **fields,
    }
