"""`sluice schedules`: when runs will start by themselves, and what came of the last time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sluiceway.cli.ledger_lists import ProjectOption
from sluiceway.cli.listing import Column, show
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.contract import Contract

if TYPE_CHECKING:
    from sluiceway.gateways.records import CodePointer
    from sluiceway.schedules.contracts import DesiredSchedule

NEXT_MOMENTS = 3
MISSING = "MISSING"


class ScheduleRow(Contract):
    """One schedule of a project's latest code."""

    project: str
    schedule: str
    kind: str
    """`run`, or `query`: of a dataset."""
    expression: str
    timezone: str
    state: str
    """Of EventBridge Scheduler: ENABLED, DISABLED; MISSING: it has none; OVER: no moment is to come."""
    next: tuple[str, ...]
    """Moments to come, in the schedule's own zone."""
    last: str | None = None
    """The latest moment that was decided on, in UTC."""
    outcome: str | None = None
    reason: str | None = None


STATE_STYLES = {"ENABLED": "green", "DISABLED": "yellow", MISSING: "red"}
COLUMNS: tuple[Column[ScheduleRow], ...] = (
    Column("project", lambda row: row.project),
    Column("schedule", lambda row: row.schedule if row.kind == "run" else f"{row.schedule} ({row.kind})"),
    Column("when", lambda row: row.expression, detail=True),
    Column("zone", lambda row: row.timezone, detail=True),
    Column("state", lambda row: row.state, style=lambda row: STATE_STYLES.get(row.state, "")),
    Column("next", lambda row: "\n".join(row.next), folds=True),
    Column("last", lambda row: row.last),
    Column("outcome", lambda row: row.outcome),
    Column("reason", lambda row: row.reason, folds=True),
)


def schedules(
    project: ProjectOption = None,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """List schedules: the next three moments of each, and what came of the last one."""
    opened, now = open_stage(stage), datetime.now(UTC)
    standing = [each for each in opened.ledger.projects() if each.retired is None]
    pointers = [each for each in standing if project in (None, each.project)]
    rows = [row for pointer in pointers for row in _rows(opened, pointer, now)]
    show(rows, COLUMNS, as_json=as_json, empty="no schedules: `schedule:` in sluice.yaml makes one")


def _rows(stage: Stage, pointer: "CodePointer", now: datetime) -> Iterator[ScheduleRow]:
    from sluiceway.projects.contracts import SluiceConfig
    from sluiceway.schedules.desired_schedules import desired_schedules

    config = SluiceConfig.model_validate(json.loads(pointer.config))
    for desired in desired_schedules(config):
        yield _row(stage, pointer.project, desired, now)


def _row(stage: Stage, project: str, desired: "DesiredSchedule", now: datetime) -> ScheduleRow:
    from dataclasses import replace

    from sluiceway.gateways.schedules import schedule_key

    there = _there(stage, schedule_key(project, desired.kind, desired.name))
    moments = desired.timing.moments
    if moments.start is None and there and there.get("StartDate"):
        moments = replace(moments, start=there["StartDate"].astimezone(UTC))
    upcoming = [_shown(each, moments.timezone) for each in islice(moments.after(now), NEXT_MOMENTS)]
    return ScheduleRow(
        project=project,
        schedule=desired.name,
        kind=desired.kind,
        expression=moments.when.expression,
        timezone=moments.timezone,
        state=there["State"] if there else MISSING if upcoming else "OVER",
        next=tuple(upcoming) if desired.enabled else (),
        **_last(stage, project, desired),
    )


def _there(stage: Stage, key: str) -> dict[str, Any] | None:
    client = stage.client("scheduler")
    try:
        found: dict[str, Any] = client.get_schedule(GroupName=stage.settings.schedule_group, Name=key)
    except client.exceptions.ResourceNotFoundException:
        return None
    return found


def _last(stage: Stage, project: str, desired: "DesiredSchedule") -> dict[str, str]:
    fired = stage.ledger.fired(project, desired.name) if desired.kind == "run" else None
    if fired is None:
        return {}
    record = stage.ledger.event(fired.decision_id)
    told = {"outcome": record.outcome, "reason": record.reason} if record else {}
    return {"last": fired.scheduled_at, **told}


def _shown(moment: datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"
