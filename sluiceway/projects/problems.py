"""What is wrong with a project, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.errors import InvalidProject

TOLD_AT_MOST = 50
"""Problems in one error: it travels in events and table items, whose size AWS limits."""


@dataclass(frozen=True)
class Problem:
    """One thing that somebody has to change, e.g. `sluice.yaml:12: steps.train.resources: …`."""

    file: str
    line: int | None
    """Counted from 1; None where the file as a whole is meant."""
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """By file and line."""
    return sorted(problems, key=lambda problem: (problem.file, problem.line or 0))


def as_error(problems: Sequence[Problem]) -> InvalidProject:
    """One error that lists the problems, a line each."""
    lines = [str(problem) for problem in in_order(problems)]
    more = len(lines) - TOLD_AT_MOST
    return InvalidProject("\n".join(lines[:TOLD_AT_MOST] + ([f"… and {more} more"] if more > 0 else [])))
