"""An unfinished execution in memory, and what its current turn has changed so far."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from embedded.stepfunctions import history
from embedded.stepfunctions.failures import Ending, runtime_failure
from embedded.stepfunctions.model import (
    MAP_RUN,
    SUCCEEDED,
    TASK,
    Changes,
    Event,
    Execution,
    MapRun,
    State,
    Strand,
)

_END_EVENTS = {
    "SUCCEEDED": "ExecutionSucceeded",
    "FAILED": "ExecutionFailed",
    "TIMED_OUT": "ExecutionTimedOut",
    "ABORTED": "ExecutionAborted",
}


@lru_cache(maxsize=512)
def _machine(definition: str) -> Mapping[str, Any]:
    # Read only, and checked when its state machine was made.
    machine: Mapping[str, Any] = json.loads(definition)
    return machine


class Run:
    """One execution at work."""

    def __init__(self, execution: Execution, strands: list[Strand]) -> None:
        self.execution = execution
        self.machine = _machine(execution.definition)
        self.strands: dict[int, Strand] = {}
        self._children: dict[int, list[Strand]] = {}
        for strand in strands:
            self._enter(strand)
        self._events: list[Event] = []
        self._touched: dict[int, Strand] = {}
        self._gone: list[int] = []
        self.map_runs: dict[str, MapRun] = {}
        """The Map Runs of this execution that are not over, by ARN."""
        self._map_runs: dict[str, MapRun] = {}

    @cached_property
    def input(self) -> Any:
        """The execution's input."""
        return json.loads(self.execution.input)

    def record(self, kind: str, at: float, *, previous: int, details: Mapping[str, Any] | None = None) -> int:
        """Append an event to the history; its id. The last id that there may be is kept for the end."""
        if self.execution.last_event >= history.MOST_EVENTS - 1 and kind not in _END_EVENTS.values():
            raise runtime_failure(
                f"The execution reached the maximum number of history events ({history.MOST_EVENTS})."
            )
        self.execution.last_event += 1
        number = self.execution.last_event
        self._events.append(history.event(number, previous, kind, at, details))
        return number

    def add(self, parent: Strand | None, index: int, scope: tuple[str | int, ...], given: Any) -> Strand:
        """A new strand at the start of a machine."""
        strand = Strand(
            id=self.execution.next_strand,
            parent=parent.id if parent else None,
            index=index,
            scope=scope,
            state=self.machine_at(scope)["StartAt"],
            input=given,
        )
        self.execution.next_strand += 1
        self._enter(strand)
        self.touch(strand)
        return strand

    def touch(self, strand: Strand) -> None:
        """Let a strand be written at the end of the turn."""
        self._touched[strand.id] = strand

    def touch_map_run(self, map_run: MapRun) -> None:
        """Let a Map Run be written at the end of the turn."""
        self.map_runs[map_run.arn] = map_run
        self._map_runs[map_run.arn] = map_run

    def children(self, parent: Strand) -> list[Strand]:
        """The strands that a strand waits for, by index."""
        return self._children.get(parent.id, [])

    def descendants(self, parent: Strand) -> Iterator[Strand]:
        """All strands below a strand, the nearest first."""
        for child in tuple(self.children(parent)):
            yield child
            yield from self.descendants(child)

    def drop_children(self, parent: Strand) -> None:
        """Forget the strands below one: nothing needs them any more."""
        for strand in list(self.descendants(parent)):
            self.strands.pop(strand.id)
            self._children.pop(strand.id, None)
            self._touched.pop(strand.id, None)
            self._gone.append(strand.id)
        self._children.pop(parent.id, None)

    def machine_at(self, scope: tuple[str | int, ...]) -> Mapping[str, Any]:
        """The machine (`StartAt`, `States`) at a path of the definition."""
        found: Any = self.machine
        for key in scope:
            found = found[key]
        machine: Mapping[str, Any] = found
        return machine

    def state_of(self, strand: Strand) -> State:
        """The definition of the state that a strand is in."""
        found: State = self.machine_at(strand.scope)["States"][strand.state]
        return found

    def parent_of(self, strand: Strand) -> Strand | None:
        """The strand that waits for a strand."""
        return None if strand.parent is None else self.strands[strand.parent]

    def variables_of(self, strand: Strand) -> dict[str, Any]:
        """What a strand can read: its own variables, and those of the strands above it."""
        parent = self.parent_of(strand)
        return {**self.variables_of(parent), **strand.variables} if parent else dict(strand.variables)

    def context_of(self, strand: Strand) -> dict[str, Any]:
        """The parts of the context object that strands bring, the inner ones over the outer."""
        parent = self.parent_of(strand)
        return {**self.context_of(parent), **strand.context} if parent else dict(strand.context)

    def tasks(self) -> list[Strand]:
        """The strands with a task or a Map Run under way."""
        return [strand for strand in self.strands.values() if strand.phase in {TASK, MAP_RUN}]

    def end(self, ending: Ending, at: float, *, previous: int, output: str | None = None) -> None:
        """Write the end of the execution."""
        execution = self.execution
        execution.status, execution.stopped = ending.status, at
        execution.error, execution.cause, execution.output = ending.error, ending.cause, output
        good = ending.status == SUCCEEDED
        details = (
            history.text("output", output or "") if good else history.failure(ending.error, ending.cause)
        )
        self.record(_END_EVENTS[ending.status], at, previous=previous, details=details)

    def _enter(self, strand: Strand) -> None:
        self.strands[strand.id] = strand
        if strand.parent is not None:
            self._children.setdefault(strand.parent, []).append(strand)

    def take_changes(self) -> Changes:
        """What changed since the last time."""
        changes = Changes(
            self.execution,
            tuple(self._touched.values()),
            tuple(self._gone),
            tuple(self._events),
            tuple(self._map_runs.values()),
        )
        self._events, self._touched, self._gone, self._map_runs = [], {}, [], {}
        return changes
