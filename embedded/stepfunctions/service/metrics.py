"""The metrics AWS/States of executions, functions, integrations and activities.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from embedded.stepfunctions import history
from embedded.stepfunctions.model import RUNNING, Changes, Event, Execution

_EXECUTIONS: Mapping[str, str] = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
# Prefix of the events, of the metrics, and the dimension.
_TASKS: Mapping[str, tuple[str, str]] = {
    "Task": ("ServiceIntegration", "ServiceIntegrationResourceArn"),
    "LambdaFunction": ("LambdaFunction", "LambdaFunctionArn"),
    "Activity": ("Activity", "ActivityArn"),
}
_ENDS = ("Succeeded", "Failed", "TimedOut")


@dataclass(frozen=True)
class Metric:
    """One value of a metric."""

    name: str
    value: float
    unit: str
    dimensions: Mapping[str, str]


@dataclass
class _Attempt:
    """A task under way: what it calls, and when it was scheduled and started."""

    resource: str
    scheduled: float
    started: float


class Metrics:
    """Makes metrics of what an engine changed; remembers the tasks under way, for as long as it lives."""

    def __init__(self) -> None:
        self._attempts: dict[str, dict[int, _Attempt]] = {}

    def of(self, changes: Changes) -> list[Metric]:
        """The metrics of one turn."""
        found = [metric for event in changes.events for metric in self._event(changes.execution, event)]
        if changes.execution.has_ended:
            self._attempts.pop(changes.execution.arn, None)
        return found

    def _event(self, execution: Execution, event: Event) -> Iterator[Metric]:
        kind = event["type"]
        if kind in {"ExecutionStarted", "ExecutionRedriven"}:
            name = "ExecutionsStarted" if kind == "ExecutionStarted" else "ExecutionsRedriven"
            yield from _counted(execution, name)
        elif kind.startswith("Execution"):
            yield from _ended(execution)
        else:
            yield from self._task(execution.arn, event)

    def _task(self, arn: str, event: Event) -> Iterator[Metric]:
        for prefix, (name, dimension) in _TASKS.items():
            step = event["type"].removeprefix(prefix)
            if event["type"].startswith(prefix) and step in {"Scheduled", "Started", "Submitted", *_ENDS}:
                attempt = self._attempt(arn, event, is_new=step == "Scheduled")
                if attempt:
                    yield from _steps(name, step, attempt, event, dimension)

    def _attempt(self, arn: str, event: Event, *, is_new: bool) -> _Attempt | None:
        """The attempt of an event, which is kept for the event that follows it."""
        at = float(event["timestamp"])
        details = event.get(history.details_key(event["type"])) or {}
        known = (
            _Attempt(_resource(details), at, at)
            if is_new
            else self._attempts.get(arn, {}).pop(event["previousEventId"], None)
        )
        if known:
            self._attempts.setdefault(arn, {})[event["id"]] = known
        return known


def _resource(details: Mapping[str, str]) -> str:
    if "resourceType" in details:
        return f"arn:aws:states:::{details['resourceType']}:{details['resource']}"
    return str(details.get("resource", ""))


def _steps(name: str, step: str, attempt: _Attempt, event: Event, dimension: str) -> Iterator[Metric]:
    at, dimensions = float(event["timestamp"]), {dimension: attempt.resource}
    plural = "Activities" if name == "Activity" else f"{name}s"
    if step != "Submitted":
        yield Metric(f"{plural}{step}", 1, "Count", dimensions)
    if step == "Started":
        attempt.started = at
        waited = (at - attempt.scheduled) * 1000
        yield Metric(f"{name}ScheduleTime", waited, "Milliseconds", dimensions)
    if step in _ENDS:
        yield Metric(f"{name}RunTime", (at - attempt.started) * 1000, "Milliseconds", dimensions)
        yield Metric(f"{name}Time", (at - attempt.scheduled) * 1000, "Milliseconds", dimensions)


def _ended(execution: Execution) -> Iterator[Metric]:
    if execution.status == RUNNING or execution.stopped is None:
        return
    yield from _counted(execution, _EXECUTIONS[execution.status])
    if execution.redrives:
        yield from _counted(execution, f"Redriven{_EXECUTIONS[execution.status]}")
    milliseconds = (execution.stopped - execution.started) * 1000
    for dimensions in _dimensions(execution):
        yield Metric("ExecutionTime", milliseconds, "Milliseconds", dimensions)


def _counted(execution: Execution, name: str) -> Iterator[Metric]:
    for dimensions in _dimensions(execution):
        yield Metric(name, 1, "Count", dimensions)


def _dimensions(execution: Execution) -> Iterator[dict[str, str]]:
    """By machine, and by the version and the alias that it was started by."""
    machine = {"StateMachineArn": execution.machine_arn}
    yield machine
    if execution.version_arn:
        yield machine | {"Version": execution.version_arn.rpartition(":")[2]}
    if execution.alias_arn:
        yield machine | {"Alias": execution.alias_arn.rpartition(":")[2]}
