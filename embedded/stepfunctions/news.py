"""What a state may wait for, beside the reports of its task."""

from dataclasses import dataclass

from embedded.stepfunctions.failures import StateFailure
from embedded.stepfunctions.model import Strand


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
