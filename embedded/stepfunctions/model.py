"""What an execution is made of: strands, each at one state of its own, and the events of its history.

A *strand* is a line of states that follow each other: the execution itself, a branch of a Parallel, an
iteration of a Map. It waits in its state for a timer, a task's end or its own child strands. All that is here
can be written as JSON, and is written before it takes effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]
"""As GetExecutionHistory gives it; `timestamp` in seconds since 1970."""

State = Mapping[str, Any]
"""A state as the definition writes it."""

READY = "READY"
"""About to enter its state."""
RETRYING = "RETRYING"
"""Waits for a retry's time."""
WAITING = "WAITING"
"""A Wait state."""
TASK = "TASK"
"""A task is under way."""
CHILDREN = "CHILDREN"
"""Waits for branches or iterations."""
MAP_RUN = "MAP_RUN"
"""Waits for the child executions of a distributed Map."""
SUCCEEDED, FAILED, ABORTED, TIMED_OUT = "SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"
RUNNING = "RUNNING"
PENDING_REDRIVE = "PENDING_REDRIVE"


@dataclass
class Strand:
    """One line of states."""

    id: int
    parent: int | None
    index: int
    """Which branch or iteration of its parent."""
    scope: tuple[str | int, ...]
    """The path in the definition to the machine whose states it runs; empty for the execution itself."""
    state: str
    input: Any
    variables: dict[str, Any] = field(default_factory=dict)
    """Its own; those of its parents can be read, not assigned."""
    context: dict[str, Any] = field(default_factory=dict)
    """Its own part of the context object, such as `Map`."""
    phase: str = READY
    entered: float = 0.0
    """When it entered its state, in seconds since 1970."""
    entered_event: int = 0
    """The event by which it entered its state."""
    attempts: int = 0
    """How often the state was retried."""
    retries: dict[str, int] = field(default_factory=dict)
    """How often each retrier of the state was used, by its index."""
    timers: dict[str, float] = field(default_factory=dict)
    """Kind of timer to the time at which it fires."""
    last_event: int = 0
    """The event that the next one follows."""
    task: dict[str, Any] | None = None
    """The call under way: what `TaskCall` holds, and `submitted`, `started`."""
    output: Any = None
    error: str | None = None
    cause: str | None = None
    work: dict[str, Any] = field(default_factory=dict)
    """What a state keeps between its steps, such as the items of a Map."""

    @property
    def has_ended(self) -> bool:
        """Whether it ran to an end, good or bad."""
        return self.phase in {SUCCEEDED, FAILED, ABORTED}

    def waits_for(self, number: int) -> bool:
        """Whether it waits for the call of that number."""
        return self.phase in {TASK, MAP_RUN} and self.task is not None and self.task.get("number") == number

    def settle(self) -> None:
        """Forget what one attempt of its state waited for."""
        self.timers, self.work, self.task = {}, {}, None

    def leave(self) -> None:
        """Forget all that belongs to the state that it was in."""
        self.settle()
        self.attempts, self.retries = 0, {}


@dataclass
class Execution:
    """One execution, running or ended."""

    arn: str
    name: str
    machine_arn: str
    """Without a version or an alias."""
    machine_name: str
    role_arn: str
    definition: str
    """The text that it runs, whatever becomes of its machine."""
    input: str
    """As it was given."""
    started: float
    status: str = RUNNING
    stopped: float | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    version_arn: str | None = None
    alias_arn: str | None = None
    map_run_arn: str | None = None
    """The Map Run that it is a child of."""
    item: int | None = None
    """Which item, or batch of items, of the Map Run."""
    parent: tuple[str, int] | None = None
    """ARN and strand that wait for it: nested executions and Map Runs."""
    trace_header: str | None = None
    redrives: int = 0
    redriven: float | None = None
    deadline: float | None = None
    """When `TimeoutSeconds` of the machine end it."""
    last_event: int = 0
    next_strand: int = 1
    context: dict[str, Any] = field(default_factory=dict)
    """What the context object holds beyond the usual."""
    attributes: dict[str, Any] = field(default_factory=dict)
    """Of the service, not of the language: what was set when it was started, such as logging."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it goes on."""
        return self.status not in {RUNNING, PENDING_REDRIVE}


@dataclass
class MapRun:
    """One run of a distributed Map: its items are the inputs of executions of their own.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html
    """

    arn: str
    execution_arn: str
    strand: int
    state_name: str
    label: str
    execution_type: str
    """`STANDARD` or `EXPRESS`, as the definition says: the latter end after five minutes."""
    started: float
    max_concurrency: int
    tolerated_count: int
    tolerated_percentage: float
    status: str = RUNNING
    stopped: float | None = None
    sizes: list[int] = field(default_factory=list)
    """How many items each child execution has."""
    redrives: int = 0
    redriven: float | None = None


@dataclass(frozen=True)
class Changes:
    """What one turn of an execution changed; written in one transaction."""

    execution: Execution
    strands: tuple[Strand, ...] = ()
    gone: tuple[int, ...] = ()
    """Strands that nothing needs any more."""
    events: tuple[Event, ...] = ()
    map_runs: tuple[MapRun, ...] = ()
