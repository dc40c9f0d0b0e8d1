"""What is wrong with a project, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.errors import InvalidProject


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


def as_error(problems: Sequence[Problem]) -> InvalidProject:
    """One error that lists every problem, a line each, in order of place."""
    in_order = sorted(problems, key=lambda problem: (problem.file, problem.line or 0))
    return InvalidProject("\n".join(map(str, in_order)))
