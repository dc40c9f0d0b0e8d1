"""What a round leaves behind: how everything ended, and what is wrong with its histories."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.stepfunctions.model import Event, Execution
from embedded.stepfunctions.sqlite_store import SqliteStore
from tests.unit.embedded.stepfunctions.engine.killed import machines, notebook, program

_ENDS = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})
_STARTED, _SUCCEEDED = "TaskStarted", "TaskSucceeded"
_STEPS = frozenset(
    {_STARTED, _SUCCEEDED, "TaskSubmitted", "TaskSubmitFailed", "TaskFailed", "TaskStateExited"}
)


@dataclass(frozen=True)
class Evidence:
    """Ends by the name of the execution; for what Map Runs started, by item. `faults` in words."""

    ends: dict[str, Any]
    faults: list[str]


def read(folder: Path) -> Evidence:
    """What a folder holds when all has ended."""
    store = SqliteStore(folder / program.STORE)
    rows = store.database.rows("SELECT arn FROM executions ORDER BY number")
    found = [one for (arn,) in rows if (one := store.execution(arn))]
    notes = notebook.read(folder / program.NOTES)
    wanted = {one.name for one in machines.mix(now=0)}
    ends = {one.name: _end(store, one) for one in found if one.name in wanted}
    faults = [
        *(f"{one.arn}: {fault}" for one in found for fault in _faults(store, one)),
        *_unexplained(store, notes),
        *_repeated(notes),
    ]
    store.close()
    return Evidence(ends, faults)


def _end(store: SqliteStore, execution: Execution) -> tuple[Any, ...]:
    # What is cut off when a Map Run fails is a matter of time; of one that succeeds nothing is.
    children = [
        sorted((child.item, child.status, child.output, child.error) for child in store.children(run.arn))
        for run in store.map_runs(execution.arn)
        if run.status == "SUCCEEDED"
    ]
    return (execution.status, execution.output, execution.error, execution.cause, children)


def _faults(store: SqliteStore, execution: Execution) -> Iterator[str]:
    events = store.events(execution.arn)
    if not execution.has_ended:
        yield "still runs"
    if [event["id"] for event in events] != list(range(1, len(events) + 1)):
        yield "gaps in the history"
    if any(event["previousEventId"] >= event["id"] for event in events):
        yield "an event that follows a later one"
    if [event["type"] for event in events if event["type"] in _ENDS] != [events[-1]["type"]]:
        yield "not one terminal event, the last"
    yield from _forks(events)
    told = [row[0] for row in store.database.rows(_ANNOUNCED, (execution.arn,))]
    if told != ["RUNNING", execution.status]:
        yield f"announced as {told}"
    for run in store.map_runs(execution.arn):
        if run.status == "RUNNING" or len(store.children(run.arn)) > len(run.sizes):
            yield f"Map Run {run.status} with {len(store.children(run.arn))} children"


_ANNOUNCED = "SELECT status FROM announcements WHERE arn = ? ORDER BY number"


def _forks(events: list[Event]) -> Iterator[str]:
    """Each step of a task follows the one before it, and nothing else does."""
    steps = [event for event in events if event["type"] in _STEPS]
    for number, times in Counter(event["previousEventId"] for event in steps).items():
        if times > 1:
            yield f"{times} events of a task follow event {number}"


def _unexplained(store: SqliteStore, notes: list[notebook.Line]) -> Iterator[str]:
    """A call is made after its TaskStarted was written; an answer that was taken is in the history."""
    for line in notes:
        steps = _steps(store.events(line.arn), line.number)
        if line.kind == "call" and steps[:1] != [_STARTED]:
            yield f"{line} without a TaskStarted"
        if line.kind == "answered" and _SUCCEEDED not in steps:
            yield f"{line} without a TaskSucceeded"


def _steps(events: list[Event], number: int) -> list[str]:
    """What followed, step by step, from the event that scheduled a task."""
    found = []
    for event in events:
        if event["previousEventId"] == number and event["type"] in _STEPS:
            found.append(event["type"])
            number = event["id"]
    return found


def _repeated(notes: list[notebook.Line]) -> Iterator[str]:
    """Nothing is called, answered or accepted twice."""
    return (f"{times} times {line}" for line, times in Counter(notes).items() if times > 1)
