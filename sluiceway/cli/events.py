"""`sluice events`: what has happened, and how each event ended."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from sluiceway.cli.ledger_lists import LimitOption, ProjectOption
from sluiceway.cli.listing import OUTCOME_STYLES, Column, ago, show
from sluiceway.cli.moments import moment
from sluiceway.cli.plain import plain
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage

if TYPE_CHECKING:
    from sluiceway.gateways.ledger_events import UnreadableEvent
    from sluiceway.gateways.records import EventRecord, Outcome

    Told = EventRecord | UnreadableEvent

POLL_SECONDS = 2.0
LAG = "10s"
"""How far behind the index of the ledger may be: so far back is looked again."""
SinceOption = Annotated[
    str | None, typer.Option("--since", help="15m, 2h, 3d ago, a date, or an ISO 8601 time")
]
COLUMNS: "tuple[Column[EventRecord], ...]" = (
    Column("recorded", lambda event: ago(event.recorded_at)),
    Column("event", lambda event: event.event),
    Column("subject", lambda event: event.subject),
    Column("outcome", lambda event: event.outcome, style=lambda event: OUTCOME_STYLES.get(event.outcome, "")),
    Column("id", lambda event: event.event_id, detail=True),
    Column("run", lambda event: event.run_id, detail=True),
    Column("reason", lambda event: event.reason, folds=True),
)


def events(
    project: ProjectOption = None,
    since: SinceOption = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help="only with this outcome")] = None,
    limit: LimitOption = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on with what happens now")] = False,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """List events, newest first, and how each ended; `sluice why EVENT` tells the rest."""
    wanted: dict[str, Any] = {"outcome": _outcome(outcome), "project": project}
    opened = open_stage(stage)
    begin = None if since is None else moment(since)
    if follow:
        _follow(follow_events(opened, wanted, since=begin), as_json=as_json)
    _show(opened.ledger.told(**wanted, since=begin, limit=limit), as_json=as_json)


def _outcome(word: str | None) -> "Outcome | None":
    from sluiceway.gateways.records import Outcome

    known = get_args(Outcome)
    if word is not None and word not in known:
        raise typer.BadParameter(f"{word!r} is no outcome: there are {', '.join(known)}")
    return word  # type: ignore[return-value]


def _show(told: "Sequence[Told]", *, as_json: bool) -> None:
    readable, others = split(told)
    show(readable, COLUMNS, as_json=as_json, empty="no such events")
    say_unreadable(others)


def split(told: "Sequence[Told]") -> "tuple[list[EventRecord], list[UnreadableEvent]]":
    """What this release can read, and what it cannot."""
    from sluiceway.gateways.records import EventRecord

    readable = [event for event in told if isinstance(event, EventRecord)]
    return readable, [event for event in told if not isinstance(event, EventRecord)]


def say_unreadable(others: "Sequence[UnreadableEvent]") -> None:
    """Count and name, on the error stream, what another release of Sluiceway has recorded."""
    if others:
        names = ", ".join(event.event_id for event in others[:5]) + (" …" if len(others) > 5 else "")
        typer.echo(
            f"{len(others)} left out: recorded by another release, this one cannot read {names}", err=True
        )


def _follow(followed: "Iterator[EventRecord]", *, as_json: bool) -> None:
    """Print each event as a line of its own, until the command is interrupted."""
    for event in followed:
        typer.echo(_json(event) if as_json else _line(event))


def follow_events(
    stage: Stage, wanted: dict[str, Any], *, since: str | None, poll_seconds: float = POLL_SECONDS
) -> "Iterator[EventRecord]":
    """Events as they are recorded, oldest first, each once."""
    seen: set[str] = set()
    begin = since or moment("0s")
    while True:
        found, _ = split(stage.ledger.told(**wanted, since=begin, limit=None))
        for event in reversed(found):
            if event.event_id not in seen:
                seen.add(event.event_id)
                yield event
        begin = max(begin, moment(LAG))
        time.sleep(poll_seconds)


def _json(event: "EventRecord") -> str:
    return event.model_dump_json(exclude_none=True)


def _line(event: "EventRecord") -> str:
    run = f" {event.run_id}" if event.run_id else ""
    told = f"{event.recorded_at[11:19]} {event.event} {event.subject}: {event.outcome}{run} {event.reason}"
    return plain(told.replace("\n", " "))
