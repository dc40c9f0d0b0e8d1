"""Nested executions (`startExecution.sync`, `.sync:2`) that are executions like any other.

MiniStack runs the child silently (no events), forgets an earlier one of the same name, passes its error name
on as if it were the Task's own, and lets it run on when the parent is stopped.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from embedded.authority import check
from embedded.cloud import Cloud
from embedded.integrations import TaskContext, TaskFailure
from embedded.mends import executions

_POLL_SECONDS = 0.5


def install(cloud: Cloud) -> None:
    """Serve both forms ourselves."""
    cloud.register_integration("arn:aws:states:::states:startExecution.sync", _run)
    cloud.register_integration("arn:aws:states:::states:startExecution.sync:2", _run_as_json)


def _run(arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
    child = _start(arguments)
    _wait(child, context)
    if child["status"] != "SUCCEEDED":
        raise TaskFailure("States.TaskFailed", json.dumps(_described(child)))
    return _described(child)


def _run_as_json(arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
    result = _run(arguments, context)
    return result | {"Output": json.loads(result["Output"])}


def _start(arguments: dict[str, Any]) -> dict[str, Any]:
    from ministack.services import stepfunctions

    request = stepfunctions._nested_start_execution_request(arguments)
    status, _, body = stepfunctions._start_execution(request)
    answer = json.loads(body)
    if status >= 400:
        raise TaskFailure(f"StepFunctions.{answer['__type']}Exception", answer.get("message", ""))
    child: dict[str, Any] = stepfunctions._executions[answer["executionArn"]]
    return child


def _wait(child: Mapping[str, Any], context: TaskContext) -> None:
    with executions.changed:
        while child["status"] == "RUNNING" and not context.stopped():
            executions.changed.wait(_POLL_SECONDS)
    if child["status"] == "RUNNING":
        _stop(child, context)


def _stop(child: Mapping[str, Any], context: TaskContext) -> None:
    from ministack.services import stepfunctions

    check(context.role_arn, "states:StopExecution", child["executionArn"])
    cause = f"{context.execution_arn} was stopped or timed out"
    stepfunctions._stop_execution({"executionArn": child["executionArn"], "cause": cause})


def _described(child: Mapping[str, Any]) -> dict[str, Any]:
    described = {
        "ExecutionArn": child["executionArn"],
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "Name": child["name"],
        "StartDate": _milliseconds(child["startDate"]),
        "StateMachineArn": child["stateMachineArn"],
        "Status": child["status"],
        "StopDate": _milliseconds(child["stopDate"]),
    }
    if child["status"] == "SUCCEEDED":
        return described | {"Output": child["output"], "OutputDetails": {"Included": True}}
    return described | {"Error": child.get("error"), "Cause": child.get("cause")}


def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)
