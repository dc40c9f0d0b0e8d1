"""A wanted schedule as EventBridge Scheduler holds it, and whether what is there fires at the same times."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sluiceway.gateways.schedules import StoredSchedule
from sluiceway.projects.schedule_moments import Moments, Once, Rate
from sluiceway.projects.schedule_zones import to_local, to_utc
from sluiceway.schedules.contracts import SCHEDULED_TIME, DesiredSchedule
from sluiceway.triggers.contracts import EVENT_SOURCE

GRACE = timedelta(minutes=15)
"""Clocks differ: what is past by less is not yet past. Fired again, a moment has the same event id."""
LEAD = timedelta(seconds=30)
"""AWS takes no `at` that has passed: one that comes while its push is worked off is made for then."""


@dataclass(frozen=True)
class Wanted:
    """A schedule that the code wants, and what EventBridge Scheduler would be told of it now."""

    stored: StoredSchedule
    moments: Moments
    hurried: bool = False
    """Whether it is made for another time than its own, which has just come."""

    def is_finished(self, now: datetime) -> bool:
        """Whether no moment is to come: it is not made any more, and goes by itself after its last one."""
        return next(self.moments.after(now - GRACE), None) is None

    def is_settled_by(self, there: StoredSchedule | None, now: datetime) -> bool:
        """Whether nothing is to be made or changed."""
        return self.is_finished(now) or (there is not None and self.is_met_by(there, now))

    def is_met_by(self, there: StoredSchedule, now: datetime) -> bool:
        """Whether what is there is as good: the start of a beat moves on, and may differ."""
        expression = self.stored.expression if self.hurried else there.expression
        same = replace(there, start=None, expression=expression) == replace(self.stored, start=None)
        return same and self._begins(there.start, now)

    def _begins(self, start: datetime | None, now: datetime) -> bool:
        wanted = self.stored.start
        if isinstance(self.moments.when, Rate) and start is not None and wanted is not None:
            return _same_beat(self.moments, start, wanted, now)
        return start == wanted or (wanted is None and start is not None and start <= now)


def wanted_schedule(project: str, desired: DesiredSchedule, *, now: datetime) -> Wanted:
    """As it would be made now."""
    moments = desired.timing.moments
    start, end = moments.limits(now)
    expression, detail, hurried = moments.when.expression, json.dumps(desired.detail, sort_keys=True), False
    if isinstance(moments.when, Once):
        expression, at = _once(moments.when, moments.timezone, now)
        detail, hurried = detail.replace(SCHEDULED_TIME, at), expression != moments.when.expression
    stored = StoredSchedule(
        project=project,
        kind=desired.kind,
        name=desired.name,
        expression=expression,
        timezone=moments.timezone,
        start=start,
        end=end,
        window_minutes=moments.jitter // 60,
        enabled=desired.enabled,
        source=EVENT_SOURCE,
        detail_type=desired.detail_type,
        detail=detail,
    )
    return Wanted(stored, moments, hurried)


def _once(once: Once, zone: str, now: datetime) -> tuple[str, str]:
    """When it is made to fire, and the moment that it tells of: its own, whenever it fires."""
    moment = to_utc(once.local, zone)
    fires = once if moment > now + LEAD else Once(to_local(now + LEAD, zone).replace(microsecond=0))
    return fires.expression, f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _same_beat(moments: Moments, start: datetime, wanted: datetime, now: datetime) -> bool:
    """A beat that nobody has set goes on as it began; a set one has its own moments, from the same one on."""
    if moments.start is None:
        return start <= wanted + GRACE
    period = timedelta(seconds=moments.when.seconds) if isinstance(moments.when, Rate) else timedelta(1)
    in_step = (start - moments.start) % period == timedelta(0)
    return in_step and (start == wanted if moments.start > now else start <= wanted)
