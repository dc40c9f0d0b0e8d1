"""What EventBridge Scheduler is told of a schedule, and the moments that follow from it.

Daylight saving as AWS documents it: a local time that the clocks skip does not fire, one that they show twice
fires once, the first time; a day of a rate has 24 hours.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, takewhile

from sluiceway.projects.schedule_cron import Cron
from sluiceway.projects.schedule_zones import is_skipped, to_local, to_utc

MINUTE = timedelta(minutes=1)
_HALF = MINUTE / 2
"""Moments are whole minutes; a limit between two of them means the same whether AWS counts it in or not."""
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


@dataclass(frozen=True)
class Rate:
    """Every so many seconds: whole minutes."""

    seconds: int

    @property
    def expression(self) -> str:
        """In the largest unit that fits, as EventBridge Scheduler takes it."""
        unit, size = next((unit, size) for unit, size in _UNITS if self.seconds % size == 0)
        number = self.seconds // size
        return f"rate({number} {unit}{'' if number == 1 else 's'})"


@dataclass(frozen=True)
class Once:
    """One local time."""

    local: datetime

    @property
    def expression(self) -> str:
        """As EventBridge Scheduler takes it."""
        return f"at({self.local:%Y-%m-%dT%H:%M:%S})"


When = Cron | Rate | Once


@dataclass(frozen=True, kw_only=True)
class Moments:
    """When a schedule fires. `start` and `end` are in UTC; of a rate, `start` is a moment of its beat."""

    when: When
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    jitter: int = 0
    """seconds within which a moment may be invoked later"""

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Moments (UTC) later than `moment`, in order. A rate without a start begins there."""
        since = moment if self.start is None else max(moment, self.start - MINUTE / 60)
        found = (each for each in self._unbounded(since) if each > moment)
        return found if self.end is None else takewhile(lambda each: each <= self._end, found)

    @property
    def _end(self) -> datetime:
        return self.end or datetime.max.replace(tzinfo=UTC)

    def limits(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """StartDate and EndDate for a schedule that is made now: AWS takes no start that has passed."""
        if isinstance(self.when, Once):
            return None, None
        return self._start_date(now), self._end_date()

    def _start_date(self, now: datetime) -> datetime | None:
        if isinstance(self.when, Rate):
            return next(self.starting(now)._unbounded(now + MINUTE))
        return self.start - _HALF if self.start is not None and self.start > now + MINUTE else None

    def _end_date(self) -> datetime | None:
        """So late that the last moment's window still fits in, and before the next moment."""
        if self.end is None:
            return None
        following = next(self._unbounded(self.end), None)
        wanted = self.end + timedelta(seconds=self.jitter) + _HALF
        return wanted if following is None else min(wanted, following - _HALF)

    def starting(self, now: datetime) -> "Moments":
        """A rate whose start is not said begins one period from now: not at once, and not at each push."""
        if not isinstance(self.when, Rate) or self.start is not None:
            return self
        return replace(self, start=_whole(now) + timedelta(seconds=self.when.seconds))

    def _unbounded(self, moment: datetime) -> Iterator[datetime]:
        if isinstance(self.when, Rate):
            return self._beat(moment, self.when.seconds)
        if isinstance(self.when, Once):
            at = to_utc(self.when.local, self.timezone)
            return iter([at] if at > moment else [])
        return self._of_cron(self.when, moment)

    def _beat(self, moment: datetime, seconds: int) -> Iterator[datetime]:
        start, period = self.start or moment, timedelta(seconds=seconds)
        first = 0 if moment < start else (moment - start) // period + 1
        return (start + number * period for number in count(first))

    def _of_cron(self, cron: Cron, moment: datetime) -> Iterator[datetime]:
        local = to_local(moment - MINUTE, self.timezone)
        found = (each for each in cron.after(local) if not is_skipped(each, self.timezone))
        return (each for each in (to_utc(each, self.timezone) for each in found) if each > moment)


def _whole(moment: datetime) -> datetime:
    """The minute that has begun."""
    return moment.replace(second=0, microsecond=0)
