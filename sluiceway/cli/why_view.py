"""How an explanation is shown: what happened, what was decided, what went in, what it did, how it ended."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sluiceway.cli.listing import OUTCOME_STYLES, PIPE_WIDTH, STATUS_STYLES, ago, short
from sluiceway.cli.plain import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sluiceway.gateways.records import CodePointer, EventRecord, RunRecord
    from sluiceway.triggers.explanation import Explanation, StateVerdict

MARKS = {
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "running": ("▸", "cyan"),
    "left out": ("–", "dim"),
    "not reached": ("·", "dim"),
    "unknown": ("?", "yellow"),
}
Row = tuple[Any, ...]


def show_explanation(told: "Explanation") -> None:
    """Print it: sections with a title, in the order in which things happened."""
    from rich.console import Console

    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=PIPE_WIDTH)
    if told.run is not None:
        console.print(_headline(told.run))
    for title, rows in _sections(told):
        console.print(title, style="bold", highlight=False, markup=False)
        console.print(_table(rows))


def _headline(run: "RunRecord") -> "RenderableType":
    from rich.text import Text

    style = STATUS_STYLES.get(run.status, "")
    begun = f"started by {run.trigger}{f' {run.schedule}' if run.schedule else ''}, {ago(run.requested_at)}"
    return Text.assemble((run.run_id, "bold"), "  ", (run.status, style), f"  {begun}\n")


def _sections(told: "Explanation") -> Iterator[tuple[str, list[Row]]]:
    run = told.run
    if told.events:
        yield "what happened", [row for event in told.events for row in _event(event)]
    if run is None:
        return
    yield "what went in", list(_inputs(told))
    if told.before is not None:
        yield f"what is other than in {told.before.run_id} ({_end(told.before)})", list(_differences(told))
    if told.states:
        yield "what it did", list(map(_state, told.states))
    yield "how it ended", list(_ending(told, run))


def _event(event: "EventRecord") -> Iterator[Row]:
    """When, what, of what, how it ended, and for a decision what it was made on."""
    style = OUTCOME_STYLES.get(event.outcome, "")
    yield _moment(event.recorded_at), event.event, event.subject, (event.outcome, style), event.reason
    if event.situation is not None:
        for row in _situation(event.situation):
            yield "", *row


def _situation(found: dict[str, Any]) -> Iterator[Row]:
    """What was latest at that moment."""
    code = found.get("code")
    latest = [f"code {short(code['code_version'])}"] if code else ["no code"]
    latest += [f"{name} {short(version)}" for name, version in found.get("datasets", {}).items()]
    missing = [name for name in (code or {}).get("datasets", ()) if name not in found.get("datasets", {})]
    latest += [f"no {name}" for name in missing]
    yield ("latest then", "dim"), found.get("project", ""), "", (", ".join(latest), "dim")


def _inputs(told: "Explanation") -> Iterator[Row]:
    run, inputs = told.run, told.inputs
    if run is None:
        return
    if inputs.code is not None:
        yield "code", short(inputs.code.code_version), _origin(inputs.code), ago(inputs.code.moved_at)
    elif run.code_version is None:
        yield "nothing", "", run.reason, ""
    for dataset in inputs.datasets:
        size = f"{dataset.objects} object{'s' if dataset.objects != 1 else ''}, {dataset.bytes / 1e6:.1f} MB"
        yield dataset.dataset, short(dataset.version), size, ago(dataset.moved_at)
    for name, value in run.parameters.items():
        yield name, value, "a parameter", ""
    yield from _manner(told, run)


def _origin(code: "CodePointer") -> str:
    if code.commit is None:
        return code.trigger
    return f"{code.commit.repository} {code.commit.ref.removeprefix('refs/')} {code.commit.sha[:7]}"


def _manner(told: "Explanation", run: "RunRecord") -> Iterator[Row]:
    if run.steps:
        yield "steps", " ".join(run.steps), "only these, and what they need", ""
    if run.preview:
        yield "preview", "", "registers nothing, deploys nothing", ""
    if told.inputs.run_key:
        yield "run key", short(told.inputs.run_key), "of all of this", ""
    if told.retry_of or run.rerun:
        yield "try", str(run.rerun + 1), f"again after {told.retry_of or 'the same inputs had failed'}", ""
    if run.asked_by:
        yield "asked by", run.asked_by, run.trigger, ""


def _differences(told: "Explanation") -> Iterator[Row]:
    if not told.differences:
        yield "nothing", "", "", ""
    for each in told.differences:
        yield each.what, each.before or "–", "→", each.now or "–"


def _state(state: "StateVerdict") -> Row:
    mark, style = MARKS[state.progress]
    seconds = "" if state.seconds is None else f"{state.seconds:.1f} s"
    name = f"  {state.state}" if state.within else state.state
    return (mark, style), (name, style), seconds, state.text


def _ending(told: "Explanation", run: "RunRecord") -> Iterator[Row]:
    when = _moment(run.finished_at) if run.finished_at else ""
    yield (run.status, STATUS_STYLES.get(run.status, "")), when, run.reason
    if told.retried_as:
        yield "tried again", "", f"as {told.retried_as}"
    elif run.status == "FAILED" and run.code_version:
        yield "", "", f"`sluice redrive {run.run_id}` tries it again"


def _end(run: "RunRecord") -> str:
    return f"{run.status}, {ago(run.finished_at or run.requested_at)}"


def _moment(text: str) -> str:
    """`11-21 12:34:56`, UTC."""
    return text[5:19].replace("T", " ")


def _table(rows: list[Row]) -> "RenderableType":
    from rich.padding import Padding
    from rich.table import Table

    width = max((len(row) for row in rows), default=1)
    table = Table(box=None, show_header=False, pad_edge=False)
    for column in range(width):
        table.add_column(no_wrap=column < width - 1, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    return Padding(table, (0, 0, 1, 2), expand=False)


def _cell(cell: Any) -> "RenderableType":
    """A text, or a text and its style."""
    from rich.text import Text

    text, style = cell if isinstance(cell, tuple) else (cell or "", "")
    return Text(plain(text), style)
