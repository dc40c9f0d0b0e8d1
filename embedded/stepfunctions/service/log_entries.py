"""The entries that executions write into CloudWatch Logs, by the level that their machine sets.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from embedded.stepfunctions import history
from embedded.stepfunctions.model import Changes, Event, Execution
from embedded.stepfunctions.service.configuration import log_group
from embedded.stepfunctions.service.histories import without_data

_FATAL = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_ERROR = _FATAL | frozenset(
    {
        "ActivityFailed",
        "ActivityScheduleFailed",
        "ActivityTimedOut",
        "EvaluationFailed",
        "FailStateEntered",
        "LambdaFunctionFailed",
        "LambdaFunctionScheduleFailed",
        "LambdaFunctionStartFailed",
        "LambdaFunctionTimedOut",
        "MapIterationAborted",
        "MapIterationFailed",
        "MapRunAborted",
        "MapRunFailed",
        "MapStateAborted",
        "MapStateFailed",
        "ParallelStateAborted",
        "ParallelStateFailed",
        "TaskFailed",
        "TaskStartFailed",
        "TaskStateAborted",
        "TaskSubmitFailed",
        "TaskTimedOut",
        "WaitStateAborted",
    }
)
_LEVELS: Mapping[str, frozenset[str]] = {"FATAL": _FATAL, "ERROR": _ERROR}

_PARENTS = 100

Entry = tuple[str, str, str]
"""Log group, stream, line."""


class Executions(Protocol):
    """Where a child execution's parent is found."""

    def execution(self, arn: str) -> Execution | None:
        """An execution; None where there is none."""


class LogEntries:
    """Makes entries of what an engine changed."""

    def __init__(self, executions: Executions) -> None:
        self._executions = executions
        self._of_parents: dict[str, Mapping[str, Any] | None] = {}

    def of(self, changes: Changes) -> list[Entry]:
        """The entries of one turn."""
        execution = changes.execution
        kept = self._logging(execution) if changes.events else None
        group = log_group(kept) if kept else None
        if kept is None or group is None:
            return []
        wanted, stream = _LEVELS.get(kept["level"]), _stream(execution)
        whole = bool(kept.get("includeExecutionData"))
        return [
            (group, stream, json.dumps(entry(execution, event, whole=whole), ensure_ascii=False))
            for event in changes.events
            if wanted is None or event["type"] in wanted
        ]

    def _logging(self, execution: Execution) -> Mapping[str, Any] | None:
        """Child executions of a Map Run log as their parent does."""
        if execution.map_run_arn and execution.parent and "logging" not in execution.attributes:
            return self._of_parent(execution.parent[0])
        found: Mapping[str, Any] | None = execution.attributes.get("logging")
        return found

    def _of_parent(self, arn: str) -> Mapping[str, Any] | None:
        if arn not in self._of_parents:
            parent = self._executions.execution(arn)
            # There may be many children, of few parents at a time.
            kept = list(self._of_parents.items())[-_PARENTS:]
            self._of_parents = dict(kept) | {arn: self._logging(parent) if parent else None}
        return self._of_parents[arn]


def entry(execution: Execution, event: Event, *, whole: bool) -> dict[str, Any]:
    """One entry, with or without inputs and outputs."""
    shown = event if whole else without_data(event)
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": shown.get(history.details_key(event["type"])) or {},
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(int(event["timestamp"] * 1000)),
        "execution_arn": execution.arn,
        "redrive_count": str(execution.redrives),
    }


def _stream(execution: Execution) -> str:
    """One stream for each machine and hour, as AWS names its own."""
    hour = datetime.fromtimestamp(execution.started, UTC).strftime("%Y-%m-%d-%H-00")
    name = execution.machine_name.partition("/")[0]
    digest = hashlib.sha256(f"{execution.machine_arn}{hour}".encode()).hexdigest()[:8]
    return f"states/{name}/{hour}/{digest}"
