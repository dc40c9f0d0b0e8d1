"""The seam to Step Functions: what a Task's `Resource` may name beside MiniStack's own integrations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class TaskContext:
    """On whose behalf a Task runs, and whether anybody still waits for it."""

    role_arn: str
    execution_arn: str
    stopped: Callable[[], bool] = lambda: False
    """True once the execution was stopped or the Task timed out: AWS then ends the job that it runs."""
    machine_role_arn: str = ""
    """The machine's own role, where the Task's `Credentials` name another one."""
    attempt: str = ""
    """Names this attempt of the Task for ever."""
    is_repeated: bool = False
    """True where the call may have been made before: the server went down before its answer was written."""


class TaskFailure(Exception):
    """A Task ended badly: the error name that `ErrorEquals` matches, and the cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


Run = Callable[[dict[str, Any], TaskContext], dict[str, Any]]


class Job(Protocol):
    """A `.sync` integration in parts, so that its jobs outlive the server that waits for them."""

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Start a job; the answer names it, and is all that the other parts get. Raises TaskFailure."""

    def when_ended(self, submitted: dict[str, Any], tell: Callable[[], None]) -> None:
        """Call `tell`, from any thread, once the job has ended; at once if it has, or is not known."""

    def result(self, submitted: dict[str, Any], context: TaskContext) -> Any:
        """What an ended job gives; TaskFailure where it ended badly."""

    def cancel(self, submitted: dict[str, Any], context: TaskContext) -> None:
        """Nobody waits for the job any more: end it. Raises TaskFailure."""


class Integrations:
    """The integrations that our services bring, by resource."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._jobs: dict[str, Job] = {}

    def add(self, resource: str, run: Run) -> None:
        """Serve a resource by `run`."""
        self._runs[resource] = run

    def add_job(self, resource: str, job: Job) -> None:
        """Serve a `.sync` resource by jobs."""
        self._jobs[resource] = job

    def find(self, resource: str) -> Run | None:
        """Who serves a resource in one go; None where nobody does."""
        return self._runs.get(resource)

    def find_job(self, resource: str) -> Job | None:
        """Who serves a resource by jobs; None where nobody does."""
        return self._jobs.get(resource)
