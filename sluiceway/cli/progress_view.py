"""How the progress of a run is shown: a live picture on a terminal, plain lines elsewhere."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from sluiceway.cli.history import StateProgress, merge_loops
from sluiceway.cli.listing import STATUS_STYLES
from sluiceway.cli.plain import plain
from sluiceway.cli.progress import JobProgress, Snapshot

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MARKS = {"RUNNING": "▸", "SUCCEEDED": "✓", "FAILED": "✗"}
LONGEST_LINE = 100


def show_progress(snapshots: Iterable[Snapshot], console: "Console") -> Snapshot:
    """Show the snapshots as they come; return the last one."""
    view = _Live(console) if console.is_terminal else _Lines(console)
    last = None
    with view:
        for last in snapshots:
            view.update(last)
    if last is None:
        raise ValueError("there was nothing to show")
    return last


class _Live:
    """Redraws the whole picture in place."""

    def __init__(self, console: "Console") -> None:
        from rich.live import Live

        self._live = Live(console=console, refresh_per_second=8, transient=False)

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def update(self, snapshot: Snapshot) -> None:
        self._live.update(picture(snapshot))


class _Lines:
    """One line for each state that was entered or left, and for each new last line of a job."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._said: set[str] = set()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, snapshot: Snapshot) -> None:
        for fact, moment, line in _facts(snapshot):
            if fact not in self._said:
                self._said.add(fact)
                self._console.print(
                    f"{moment:%H:%M:%S} {line}", markup=False, highlight=False, soft_wrap=True
                )


def _facts(snapshot: Snapshot) -> Iterator[tuple[str, datetime, str]]:
    """What is known, each under a name of its own and with its time: a loop is told the first time only."""
    run, now = snapshot.run, snapshot.at
    yield "run", datetime.fromisoformat(run.requested_at), f"{run.run_id}: requested by {run.trigger}"
    for state in merge_loops(snapshot.states):
        yield f"{_name(state)} entered", state.started, f"{_name(state)} …"
        if state.ended:
            told = f"{_name(state)} {MARKS[state.status]} {state.seconds(now):.1f} s"
            yield f"{_name(state)} {state.status}", state.ended, told
    if snapshot.job:
        yield _job_text(snapshot.job), now, _job_text(snapshot.job)
    if run.ended:
        yield "end", datetime.fromisoformat(run.finished_at) if run.finished_at else now, ending(snapshot)


def picture(snapshot: Snapshot) -> "RenderableType":
    """States with their marks and times, below them the job's last line, at the end how it ended."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for state in merge_loops(snapshot.states):
        style = STATUS_STYLES[state.status]
        seconds = f"{state.seconds(snapshot.at):.1f} s"
        table.add_row(Text(MARKS[state.status], style=style), Text(_name(state), style=style), seconds)
    head = Text.assemble((snapshot.run.run_id, "bold"), f"  {snapshot.run.trigger}  {snapshot.seconds:.0f} s")
    parts: list[RenderableType] = [head, table]
    if snapshot.job:
        parts.append(Text(_job_text(snapshot.job), style="dim", overflow="ellipsis", no_wrap=True))
    if snapshot.run.ended:
        parts.append(Text(ending(snapshot), style=STATUS_STYLES.get(snapshot.run.status, "")))
    return Group(*parts)


def ending(snapshot: Snapshot) -> str:
    """How the run ended, in one sentence."""
    run = snapshot.run
    model = f", model version {run.model_version}" if run.model_version else ""
    deployed = ", deployed" if run.deployed else ""
    reason = f": {run.reason}" if run.reason else ""
    return plain(f"{run.status} after {snapshot.seconds:.1f} s{model}{deployed}{reason}")


def _name(state: StateProgress) -> str:
    return f"{'  ' * state.depth}{state.name}"


def _job_text(job: JobProgress) -> str:
    line = (job.last_line or "").strip()[:LONGEST_LINE]
    return plain(f"  job {job.name} {job.status}{': ' if line else ''}{line}")
