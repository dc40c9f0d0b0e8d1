"""The seam between an engine and what its Task states call.

The engine writes down that it makes a call (TaskScheduled, TaskStarted) and then hands it to a `TaskRunner`,
which reports back from whichever thread it likes. Reports of a call that nobody waits for any more are
ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from embedded.stepfunctions.resource import Resource

TASK_STATE = "task"
READ_ITEMS = "read_items"
"""Read the items of a distributed Map: `arguments` is its evaluated ItemReader, the result a list."""
WRITE_RESULTS = "write_results"
"""Write a distributed Map's results: `arguments` is its evaluated ResultWriter and `Files`, key to text."""


@dataclass(frozen=True, kw_only=True)
class TaskCall:
    """One attempt of a Task state: what to call, with what, and on whose behalf."""

    execution_arn: str
    strand: int
    number: int
    """The id of its TaskScheduled event: with the ARN it names this attempt for ever."""
    state_name: str
    resource: Resource
    arguments: Any
    """The evaluated `Arguments`, or the state's input where there are none."""
    role_arn: str
    """Under which the call is made: the machine's, or the one that `Credentials` names."""
    token: str
    """The task token."""
    timeout: float | None = None
    """Seconds; the engine keeps it, a runner may pass it on."""
    purpose: str = TASK_STATE
    """`read_items` and `write_results` can be repeated, and their results may be of any size."""


@dataclass(frozen=True)
class Started:
    """A worker took an activity's task."""

    worker_name: str | None = None


@dataclass(frozen=True)
class Submitted:
    """The call of `.sync` or `.waitForTaskToken` was answered; the end is still to come."""

    output: Any


@dataclass(frozen=True)
class Succeeded:
    """The task's result."""

    output: Any


@dataclass(frozen=True)
class Failed:
    """The task's error, as `ErrorEquals` matches it, and the cause."""

    error: str | None
    cause: str | None = None


Report = Started | Submitted | Succeeded | Failed
Reporter = Callable[[Report], None]


class TaskRunner(Protocol):
    """Makes the calls of Task states."""

    @property
    def works_aside(self) -> bool:
        """Whether calls go on by themselves, so that an engine under virtual time waits for their answers."""

    def refusal(self, resource: Resource, arguments: Any) -> str | None:
        """Why a call cannot be made at all, as AWS words it; None where it can.

        E.g. "The Parameters '{}' could not be used to start the Task: [The field 'QueueUrl' is required but
        was missing]". The execution then ends with States.Runtime, before anything is scheduled.
        """

    def start(self, call: TaskCall, report: Reporter) -> None:
        """Make a call; never blocks.

        Request and response: one Succeeded or Failed. `.sync`: Submitted, then Succeeded or Failed. With a
        task token: Submitted or Failed (the end comes by SendTaskSuccess to the engine). Activity: Started.
        """

    def resume(self, call: TaskCall, submitted: Submitted | None, report: Reporter) -> None:
        """Take up a call that was under way when the last engine ended.

        With `submitted`: wait for the job's end. Without: a pending activity is offered again; any other call
        is lost, as nobody knows whether it was carried out, and reported as Failed.
        """

    def cancel(self, call: TaskCall) -> None:
        """Nobody waits any more: end the job that a `.sync` call started; never blocks."""
