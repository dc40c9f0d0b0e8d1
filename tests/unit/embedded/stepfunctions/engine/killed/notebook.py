"""What the world outside an engine remembers: lines in a file that only grows, kept over kills."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

LENGTH = 256
"""Bytes of a line: a power of two never crosses a page, so that no kill leaves half of one."""


@dataclass(frozen=True)
class Line:
    """Something that happened outside, with the attempt of a task that it belongs to."""

    kind: str
    arn: str
    strand: int = 0
    number: int = 0


class Notebook:
    """Writes down from any thread; what was written stays whatever becomes of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, line: Line) -> None:
        """Add a line."""
        text = json.dumps([line.kind, line.arn, line.strand, line.number])
        encoded = text.ljust(LENGTH - 1).encode() + b"\n"
        if len(encoded) != LENGTH or os.write(self._file, encoded) != LENGTH:
            raise OSError(f"{text} was not written whole")


def count(path: Path) -> int:
    """How many lines there are."""
    return path.stat().st_size // LENGTH if path.exists() else 0


def read(path: Path) -> list[Line]:
    """All lines, in the order in which they were written."""
    return [Line(*json.loads(text)) for text in path.read_text().splitlines()]
