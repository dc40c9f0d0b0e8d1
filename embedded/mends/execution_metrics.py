"""The AWS/States metrics of executions, which MiniStack does not keep.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from datetime import datetime
from typing import Any

_METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def install() -> None:
    """Count every change of an execution's status."""
    from ministack.services import stepfunctions

    emit = stepfunctions._emit_execution_status_event

    def emit_status(execution: dict[str, Any]) -> None:
        emit(execution)
        _count(execution)

    stepfunctions._emit_execution_status_event = emit_status


def _count(execution: dict[str, Any]) -> None:
    from ministack.services import cloudwatch

    dimensions = {"StateMachineArn": execution["stateMachineArn"]}
    cloudwatch.record_metric("AWS/States", _METRICS[execution["status"]], 1, "Count", dimensions)
    if execution.get("stopDate"):
        spent = datetime.fromisoformat(execution["stopDate"]) - datetime.fromisoformat(execution["startDate"])
        milliseconds = spent.total_seconds() * 1000
        cloudwatch.record_metric("AWS/States", "ExecutionTime", milliseconds, "Milliseconds", dimensions)
