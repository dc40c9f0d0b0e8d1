"""`sluice replay`: recorded events through today's rules."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.ledger_lists import ProjectOption
from sluiceway.cli.listing import OUTCOME_STYLES, Column, ago, print_json, short, show
from sluiceway.cli.moments import moment
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage

if TYPE_CHECKING:
    from sluiceway.gateways.events import Events
    from sluiceway.triggers.replay_events import Changed, Replay, Ruling

COLUMNS: "tuple[Column[Changed], ...]" = (
    Column("recorded", lambda each: ago(each.recorded_at)),
    Column("event", lambda each: each.event),
    Column("project", lambda each: each.project),
    Column("then", lambda each: _text(each.before), style=lambda each: _style(each.before)),
    Column("now", lambda each: _text(each.now), style=lambda each: _style(each.now)),
    Column("id", lambda each: each.event_id, detail=True),
    Column("reason now", lambda each: each.now.reason, folds=True),
)


def replay(
    since: Annotated[str, typer.Option("--since", help="15m, 2h, 3d ago, a date, or an ISO 8601 time")],
    project: ProjectOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what would be decided otherwise")] = (
        False
    ),
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Put recorded events through today's rules, and ask those again whose decision would be another."""
    opened = open_stage(stage)
    found, asked = run_replay(opened, moment(since), project=project, dry_run=dry_run)
    if as_json:
        again = [each.event_id for each in asked]
        print_json(found.model_dump(mode="json") | {"asked_again": again})
    else:
        _show(found, asked, dry_run=dry_run)


def run_replay(
    stage: Stage, since: str, *, project: str | None, dry_run: bool, events: "Events | None" = None
) -> "tuple[Replay, list[Changed]]":
    """Replay what was recorded since then; returns what came of it, and what was asked again."""
    from sluiceway.triggers.replay_events import ask_again, replay_events

    told = stage.ledger.told(project=project, since=since, limit=None)
    found = replay_events(told)
    new = [] if dry_run else [each for each in found.changed if not _was_asked(stage, each)]
    publish = _publisher(stage, events)
    for each in reversed(new):
        publish(ask_again(each, told))
    return found, new


def _was_asked(stage: Stage, changed: "Changed") -> bool:
    """An earlier replay has asked, and it was decided."""
    return stage.ledger.event(f"{changed.replay_id}.{changed.project}") is not None


def _publisher(stage: Stage, events: "Events | None") -> "Callable[..., None]":
    from sluiceway.gateways.events import EventBridgeEvents

    if events is not None:
        return events.publish
    return lambda event: EventBridgeEvents(stage.client("events"), stage.settings.event_bus).publish(event)


def _show(found: "Replay", asked: "Sequence[Changed]", *, dry_run: bool) -> None:
    nothing = f"{found.decisions} decisions: today's rules make the same of each"
    show(found.changed, COLUMNS, as_json=False, empty=nothing)
    if found.changed:
        what = "would be asked again" if dry_run else "asked again"
        count = len(found.changed) if dry_run else len(asked)
        typer.echo(f"{found.decisions} decisions, {len(found.changed)} would be others; {count} {what}")
    for each in found.unreadable:
        typer.echo(f"{each.event_id} was left out, {each.reason}", err=True)


def _text(ruling: "Ruling") -> str:
    return f"{ruling.outcome} {short(ruling.run_key)}".strip()


def _style(ruling: "Ruling") -> str:
    return OUTCOME_STYLES.get(ruling.outcome, "")
