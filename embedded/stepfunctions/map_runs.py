"""Map Runs at work: which child executions run, which ended, and when a Map Run is over."""

import json
from collections.abc import Callable, Mapping
from typing import Protocol

from embedded.stepfunctions import failures
from embedded.stepfunctions.failures import StateFailure
from embedded.stepfunctions.model import (
    ABORTED,
    MAP_RUN,
    SUCCEEDED,
    Changes,
    Execution,
    MapRun,
    Strand,
)
from embedded.stepfunctions.news import MapRunEnded
from embedded.stepfunctions.run import Run
from embedded.stepfunctions.states.distributed_map import MOST_AT_ONCE, child

Start = Callable[[Execution], None]
EXPRESS_SECONDS = 300
"""How long an Express execution may run:
https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html."""


class LiveMapRun:
    """A Map Run whose items are known."""

    def __init__(self, record: MapRun, run: Run, children: list[Execution]) -> None:
        """`run` is that of the execution whose state it is; `children` were started earlier."""
        self.record = record
        self.run = run
        self._children = {one.item: one for one in children}
        self._running = {one.item for one in children if not one.has_ended}
        self._failed = sum(self._weight(one) for one in children)
        self._next = 0

    @property
    def children(self) -> list[Execution]:
        """The child executions that were started, in the order of their items."""
        return [self._children[index] for index in range(len(self._inputs)) if index in self._children]

    @property
    def running(self) -> list[Execution]:
        """The child executions that have not ended."""
        return [self._children[index] for index in sorted(self._running, key=lambda index: index or 0)]

    def start_more(self, start: Start, now: float) -> None:
        """Start as many child executions as may run at once."""
        most = self.record.max_concurrency or MOST_AT_ONCE
        while len(self._running) < most and self._next < len(self._inputs):
            index = self._next
            self._next += 1
            if index not in self._children:
                self._start(index, start, now)

    def note_end(self, execution: Execution) -> None:
        """A child execution ended."""
        self._running.discard(execution.item)
        self._failed += self._weight(execution)

    def end(self) -> MapRunEnded | None:
        """How it ended, if it did."""
        if self._exceeds:
            cause = "The specified tolerated failure threshold was exceeded"
            return MapRunEnded(tuple(self.children), StateFailure(failures.TOLERATED_FAILURES, cause))
        is_complete = len(self._children) == len(self._inputs) and not self._running
        return MapRunEnded(tuple(self.children)) if is_complete else None

    def _start(self, index: int, start: Start, now: float) -> None:
        given = self._inputs[index]
        made = child(self.run.execution, self.record, self._definition, index=index, given=given, now=now)
        self._children[index] = made
        self._running.add(index)
        start(made)

    def _weight(self, execution: Execution) -> int:
        """How many items failed with a child execution: thresholds count items."""
        failed = execution.has_ended and execution.status not in {SUCCEEDED, ABORTED}
        return self._sizes[execution.item or 0] if failed else 0

    @property
    def _exceeds(self) -> bool:
        """Whether more items failed than are tolerated; without a threshold none is."""
        count, percentage = self.record.tolerated_count, self.record.tolerated_percentage
        over = [self._failed > count] if count or not percentage else []
        if percentage:
            over.append(self._failed * 100 > percentage * sum(self._sizes))
        return any(over)

    @property
    def _inputs(self) -> list[object]:
        found: list[object] = self.run.strands[self.record.strand].work["inputs"]
        return found

    @property
    def _sizes(self) -> list[int]:
        return self.record.sizes

    @property
    def _definition(self) -> str:
        processor = self.run.state_of(self.run.strands[self.record.strand])["ItemProcessor"]
        machine = {key: value for key, value in processor.items() if key != "ProcessorConfig"}
        ends = {"TimeoutSeconds": EXPRESS_SECONDS} if self.record.execution_type == "EXPRESS" else {}
        return json.dumps({"QueryLanguage": "JSONata", **ends, **machine})


class Executions(Protocol):
    """What an engine does for its Map Runs."""

    def start(self, execution: Execution) -> None:
        """Start a child execution."""

    def stop(self, arn: str, error: str | None = None, cause: str | None = None) -> Execution | None:
        """End a child execution as aborted."""

    def redrive(self, arn: str) -> Execution:
        """Take up a child execution that failed."""

    def children(self, map_run_arn: str) -> list[Execution]:
        """The child executions of a Map Run; those that run, as the engine has them."""

    def save(self, changes: Changes) -> None:
        """Write something down."""

    def tell(self, map_run: MapRun, ended: MapRunEnded) -> None:
        """Say to the state of a Map Run that it is over."""

    def now(self) -> float:
        """Seconds since 1970."""


class MapRuns:
    """All Map Runs at work in an engine."""

    def __init__(self, executions: Executions) -> None:
        self._executions = executions
        self._live: dict[str, LiveMapRun] = {}

    def begin(self, run: Run, arn: str) -> None:
        """Start the child executions of a Map Run."""
        self._go_on(LiveMapRun(run.map_runs[arn], run, []))

    def revive(self, run: Run, *, redrive: bool = False) -> None:
        """Take up the Map Runs of an execution whose items are known, after a restart or for a redrive."""
        for strand in run.tasks():
            if strand.phase == MAP_RUN and "inputs" in strand.work and not strand.task:
                self._revive(run, strand, redrive=redrive)

    def stop(self, arn: str) -> None:
        """End what is still running of a Map Run."""
        live = self._live.pop(arn, None)
        for one in live.running if live else ():
            self._executions.stop(one.arn)

    def note_end(self, execution: Execution) -> None:
        """An execution ended; where it is a child, its Map Run goes on."""
        live = self._live.get(execution.map_run_arn or "")
        if live:
            live.note_end(execution)
            self._go_on(live)

    def update(self, arn: str, limits: Mapping[str, float]) -> bool:
        """Set limits of a Map Run at work, by their names in its record; whether it is at work."""
        live = self._live.get(arn)
        if live is None:
            return False
        for name, value in limits.items():
            setattr(live.record, name, value)
        self._executions.save(Changes(live.run.execution, map_runs=(live.record,)))
        self._go_on(live)
        return True

    def _revive(self, run: Run, strand: Strand, *, redrive: bool) -> None:
        record = run.map_runs[strand.work["map_run"]]
        children = self._executions.children(record.arn)
        chosen = [
            self._executions.redrive(one.arn)
            if one.status != SUCCEEDED and (redrive or _missed_redrive(one, record))
            else one
            for one in children
        ]
        self._go_on(LiveMapRun(record, run, chosen))

    def _go_on(self, live: LiveMapRun) -> None:
        self._live[live.record.arn] = live
        ended = live.end()
        if ended is None:
            live.start_more(self._executions.start, self._executions.now())
            return
        self.stop(live.record.arn)
        self._executions.tell(live.record, ended)


def _missed_redrive(one: Execution, record: MapRun) -> bool:
    """Whether a kill came between the redrive of the Map Run and that of its child execution."""
    if not one.has_ended or record.redriven is None:
        return False
    return (one.redriven or one.started) < record.redriven
