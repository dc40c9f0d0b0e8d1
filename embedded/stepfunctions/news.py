"""What a state may wait for, beside the reports of its task."""

from dataclasses import dataclass

from embedded.stepfunctions.failures import StateFailure
from embedded.stepfunctions.model import Execution, Strand


@dataclass(frozen=True)
class Timer:
    """The time that the state waited for has come."""

    kind: str


@dataclass(frozen=True)
class ChildSucceeded:
    """A branch or an iteration reached its end."""

    strand: Strand


@dataclass(frozen=True)
class ChildFailed:
    """A branch or an iteration failed."""

    strand: Strand
    failure: StateFailure


@dataclass(frozen=True)
class MapRunEnded:
    """All child executions of a Map Run ended, or too many of them badly."""

    ended: tuple[Execution, ...]
    """In the order of their items."""
    failure: StateFailure | None = None
