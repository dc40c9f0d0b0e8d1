"""When a schedule is to fire: `rate`, `cron` and `at`, in a time zone with its daylight saving.

A time that the clocks skip does not fire; one that they repeat fires once, the first time; a day of `rate`
has 24 hours:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
A skipped time of `at`, of which AWS says nothing, is moved on by the hour that was skipped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from embedded.schedules import cron
from embedded.schedules.cron import InvalidExpression as InvalidExpression

_FORM = re.compile(r"(rate|cron|at)\((.*)\)")
_RATE = re.compile(r"([1-9]\d*) (minute|hour|day)s?")
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}


class Expression(Protocol):
    """When to fire. Moments are seconds since 1970."""

    @property
    def recurs(self) -> bool:
        """Whether it fires more than once."""

    def after(self, moment: float, *, start: float) -> Iterator[float]:
        """Moments later than `moment`, in order; `start` is when a rate begins."""


@dataclass(frozen=True)
class Rate:
    """Every so many seconds, from the start on."""

    seconds: int
    recurs = True

    def after(self, moment: float, *, start: float) -> Iterator[float]:
        """Moments after `moment`, the first of which is the start itself."""
        first = 0 if moment < start else int((moment - start) // self.seconds) + 1
        return (start + number * self.seconds for number in count(first))


@dataclass(frozen=True)
class Once:
    """One moment."""

    moment: float
    recurs = False

    def after(self, moment: float, *, start: float) -> Iterator[float]:  # noqa: ARG002 - of rates only
        """The moment, unless it has passed."""
        return iter([self.moment] if self.moment > moment else [])


@dataclass(frozen=True)
class Recurring:
    """A cron expression in a time zone."""

    cron: cron.Cron
    zone: ZoneInfo
    recurs = True

    def after(self, moment: float, *, start: float) -> Iterator[float]:  # noqa: ARG002 - of rates only
        """Moments after `moment`."""
        # Microseconds cut off: a time on the minute that is later by less than one must not be lost.
        local = datetime.fromtimestamp(int(moment) - 1, self.zone).replace(tzinfo=None, fold=0)
        found = (self._moment(candidate) for candidate in self.cron.after(local))
        return (each for each in found if each is not None and each > moment)

    def _moment(self, local: datetime) -> float | None:
        aware = local.replace(tzinfo=self.zone)
        back = aware.astimezone(UTC).astimezone(self.zone)
        return aware.timestamp() if back.replace(tzinfo=None, fold=0) == local else None


def parse(text: str, zone_name: str = "UTC") -> Expression:
    """An expression of Scheduler; InvalidExpression says what is wrong."""
    zone = _zone(zone_name)
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise InvalidExpression(f"{text!r} is none of rate(…), cron(…), at(…)")
    kind, inside = found.groups()
    if kind == "rate":
        return _rate(inside)
    return _once(inside, zone) if kind == "at" else Recurring(cron.parse(inside), zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidExpression(f"{name!r} is no time zone") from error


def _rate(text: str) -> Rate:
    found = _RATE.fullmatch(" ".join(text.split()))
    if not found:
        raise InvalidExpression(f"{text!r} is not a positive number of minutes, hours or days")
    return Rate(int(found[1]) * _SECONDS[found[2]])


def _once(text: str, zone: ZoneInfo) -> Once:
    try:
        if not _AT.fullmatch(text):
            raise ValueError(text)
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidExpression(f"{text!r} is not of the form yyyy-mm-ddThh:mm:ss") from error
    return Once(local.replace(tzinfo=zone).timestamp())
