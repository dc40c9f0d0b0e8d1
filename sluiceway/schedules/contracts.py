"""What crosses the boundaries of the schedules slice."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sluiceway.contract import Contract
from sluiceway.names import Name
from sluiceway.projects.schedule_timing import Timing
from sluiceway.triggers.contracts import CodePushed, ProjectRetired

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""EventBridge Scheduler puts the moment in its place: `2026-11-21T06:00:00Z`."""
Cause = CodePushed | ProjectRetired
CAUSES: Mapping[str, type[Cause]] = {kind.__name__: kind for kind in (CodePushed, ProjectRetired)}
"""What may change the schedules that a project wants, by EventBridge's detail type."""
Kind = Literal["run", "query"]
"""What a schedule is for: the runs of a project, or the query of one of its datasets."""


class DesiredSchedule(Contract):
    """A schedule as a project's latest code wants it: at its moments the bus gets an event of this detail."""

    kind: Kind
    name: Name
    """Within the project and the kind."""
    timing: Timing
    enabled: bool = True
    detail_type: str = Field(pattern=r"^[A-Za-z]{1,128}$")
    detail: dict[str, str]
    """Holds `SCHEDULED_TIME` where the moment goes; in `event_id` each delivery is so the same event."""


class ScheduleSync(Contract):
    """What was done until a project's schedules were what its latest code wants. Names within the project."""

    project: Name
    made: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    """No moment of theirs is to come: they have no schedule in EventBridge Scheduler."""


class ScheduleResumed(Contract):
    """What the end of a run meant to the moments that waited for it."""

    run_id: str
    event_id: str | None
    """Of the moment that goes on."""
