"""The seam to Step Functions: what a Task's `Resource` may name beside MiniStack's own integrations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TaskContext:
    """On whose behalf a Task runs, and whether anybody still waits for it."""

    role_arn: str
    execution_arn: str
    stopped: Callable[[], bool] = lambda: False
    """True once the execution was stopped or the Task timed out: AWS then ends the job that it runs."""


class TaskFailure(Exception):
    """A Task ended badly: the error name that `ErrorEquals` matches, and the cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


Run = Callable[[dict[str, Any], TaskContext], dict[str, Any]]


class Integrations:
    """The integrations that our services bring, by resource."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}

    def add(self, resource: str, run: Run) -> None:
        """Serve a resource by `run`."""
        self._runs[resource] = run

    def find(self, resource: str) -> Run | None:
        """Who serves a resource; None where MiniStack does."""
        return self._runs.get(resource)
