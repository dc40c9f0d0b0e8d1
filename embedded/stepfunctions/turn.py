"""A turn: one strand at work in one state. It is all that a type of state sees of the engine."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from embedded.stepfunctions import history
from embedded.stepfunctions.evaluation import Scope
from embedded.stepfunctions.model import Execution, State, Strand
from embedded.stepfunctions.run import Run
from embedded.stepfunctions.tasks import TaskCall, TaskRunner

_COUNTED = frozenset({"Task", "Map", "Parallel"})


@dataclass(frozen=True)
class Signal:
    """What wakes a strand: a timer, a report of its task, the end of a strand below it."""

    execution_arn: str
    strand: int
    kind: str
    news: Any = None
    taken: Callable[[], None] = lambda: None
    """Called when the strand takes it; never where it does not wait for it any more."""


@dataclass
class Outbox:
    """What follows from a turn. It happens after the turn is written down."""

    signals: list[Signal] = field(default_factory=list)
    timers: list[tuple[float, Signal]] = field(default_factory=list)
    starts: list[TaskCall] = field(default_factory=list)
    cancels: list[TaskCall] = field(default_factory=list)
    begun_map_runs: list[str] = field(default_factory=list)
    """ARNs of Map Runs whose items are known."""
    ended_map_runs: list[str] = field(default_factory=list)
    """ARNs of Map Runs that nobody waits for any more."""


class Turn:
    """One strand at work."""

    def __init__(
        self,
        run: Run,
        strand: Strand,
        *,
        outbox: Outbox,
        tasks: TaskRunner,
        clock: Callable[[], float],
        draw: random.Random,
    ) -> None:
        self.tasks = tasks
        self.run = run
        self.strand = strand
        self.outbox = outbox
        self.clock = clock
        self.draw = draw
        run.touch(strand)

    def other(self, strand: Strand) -> "Turn":
        """A turn of another strand of the same execution."""
        return Turn(self.run, strand, outbox=self.outbox, tasks=self.tasks, clock=self.clock, draw=self.draw)

    @cached_property
    def state(self) -> State:
        """The definition of the strand's state."""
        return self.run.state_of(self.strand)

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self.clock()

    @property
    def prefix(self) -> str:
        """How AWS begins a cause that it words itself."""
        return (
            f"An error occurred while executing the state '{self.strand.state}' "
            f"(entered at the event id #{self.strand.entered_event}). "
        )

    def record(self, kind: str, details: Mapping[str, Any] | None = None) -> int:
        """Append an event that follows the strand's last one."""
        self.strand.last_event = self.aside(kind, details)
        return self.strand.last_event

    def aside(self, kind: str, details: Mapping[str, Any] | None = None) -> int:
        """Append an event that the strand's next one passes by."""
        return self.run.record(kind, self.now, previous=self.strand.last_event, details=details)

    def scope(self, **more: Any) -> Scope:
        """What expressions see; `more` is `result` or `errorOutput`."""
        return Scope(
            states={"input": self.strand.input, "context": self.context(), **more},
            variables=self.run.variables_of(self.strand),
            prefix=self.prefix,
            clock=self.clock,
            randomness=self.draw,
        )

    def context(self) -> dict[str, Any]:
        """The context object.

        https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
        """
        execution = self.run.execution
        state = {"Name": self.strand.state, "EnteredTime": history.timestamp(self.strand.entered)}
        counted = {"RetryCount": self.strand.attempts} if self.state["Type"] in _COUNTED else {}
        return {
            "Execution": _execution_context(self.run),
            "StateMachine": {"Id": _machine_id(execution), "Name": execution.machine_name},
            "State": state | counted,
            **self._task_context(),
            **execution.context,
            **self.run.context_of(self.strand),
        }

    def _task_context(self) -> dict[str, Any]:
        task = self.strand.task
        waits = task is not None and self.state["Resource"].endswith(".waitForTaskToken")
        return {"Task": {"Token": task["token"]}} if task and waits else {}

    def signal(self, kind: str, news: Any = None) -> None:
        """Come back to this strand, when all that waits already had its turn."""
        self.outbox.signals.append(Signal(self.run.execution.arn, self.strand.id, kind, news))

    def set_timer(self, kind: str, seconds: float) -> None:
        """Wake this strand after so many seconds; a timer of the same kind is replaced."""
        at = self.now + seconds
        self.strand.timers[kind] = at
        self.outbox.timers.append((at, Signal(self.run.execution.arn, self.strand.id, kind, at)))


def _execution_context(run: Run) -> dict[str, Any]:
    execution = run.execution
    redriven = {"RedriveTime": history.timestamp(execution.redriven)} if execution.redriven else {}
    return {
        "Id": execution.arn,
        "Input": run.input,
        "StartTime": history.timestamp(execution.started),
        "Name": execution.name,
        "RoleArn": execution.role_arn,
        "RedriveCount": execution.redrives,
        **redriven,
    }


def _machine_id(execution: Execution) -> str:
    return execution.alias_arn or execution.version_arn or execution.machine_arn
