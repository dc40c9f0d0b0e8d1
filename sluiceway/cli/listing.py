"""How lists are shown: a table for people, JSON for programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import typer
from pydantic import BaseModel

from sluiceway.cli.plain import plain

Row = TypeVar("Row", bound=BaseModel)
STATUS_STYLES = {
    "SUCCEEDED": "green",
    "InService": "green",
    "RUNNING": "cyan",
    "REQUESTED": "cyan",
    "REJECTED": "yellow",
    "FAILED": "red",
}
OUTCOME_STYLES = {
    "requested": "green",
    "accepted": "green",
    "versioned": "green",
    "refused": "red",
    "incomplete": "red",
    "waiting": "yellow",
    "queued": "yellow",
}
WIDE = 140
"""From so many columns on a terminal also shows details."""
PIPE_WIDTH = 400


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column of a table: its title, and the text of a row in it."""

    title: str
    text: Callable[[Row], str | None]
    style: Callable[[Row], str] | None = None
    folds: bool = False
    """May take several lines; other columns keep to one."""
    detail: bool = False
    """Left out where the terminal is narrow."""


def show(rows: Sequence[Row], columns: Sequence[Column[Row]], *, as_json: bool, empty: str) -> None:
    """Print the rows; `empty` is said, on the error stream, when there are none."""
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
    elif not rows:
        typer.echo(empty, err=True)
    else:
        _print_table(rows, columns)


def print_json(content: Any) -> None:
    """Print a value as indented JSON on the output stream."""
    import json

    typer.echo(json.dumps(content, indent=2, default=str))


def _print_table(rows: Sequence[Row], columns: Sequence[Column[Row]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = Console()
    # A pipe has no width: nothing is folded or cut in it.
    console = terminal if terminal.is_terminal else Console(width=PIPE_WIDTH)
    shown = [column for column in columns if console.width >= WIDE or not column.detail]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in shown:
        table.add_column(column.title, no_wrap=not column.folds, overflow="fold")
    for row in rows:
        cells = [
            Text(plain(column.text(row) or "–"), style=column.style(row) if column.style else "")
            for column in shown
        ]
        table.add_row(*cells)
    console.print(table)


def ago(moment: str | None) -> str:
    """How long ago an ISO 8601 moment was, in the largest unit that fits: `12 s`, `5 min`, `3 h`, `2 d`."""
    if not moment:
        return ""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def short(version: str | None) -> str:
    """First twelve digits of a sha256."""
    return (version or "").removeprefix("sha256:")[:12]
