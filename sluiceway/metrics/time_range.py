"""Which time range and which period an export covers. Pure rules, UTC only."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sluiceway.errors import PermanentError
from sluiceway.metrics.contracts import PlanExportInput

RETENTION = ((timedelta(days=15), 60), (timedelta(days=63), 300), (timedelta(days=455), 3600))
"""How long CloudWatch keeps points of which period (API reference of GetMetricData)."""


class InvalidTimeRange(PermanentError):
    """A time range or period that cannot be exported."""


@dataclass(frozen=True)
class TimeRange:
    """From `start` up to, not including, `end`; both UTC and on whole minutes."""

    start: datetime
    end: datetime


def resolve_range(wanted: PlanExportInput, now: datetime) -> TimeRange:
    """Turn start and end, start and minutes, or minutes until now into a range that ends by now."""
    try:
        start, end = _bounds(wanted, now)
    except OverflowError as error:
        raise InvalidTimeRange("start or end lie outside the years 1 to 9999: give times in UTC") from error
    if start >= end:
        raise InvalidTimeRange(f"the range is empty: start {_text(start)} is not before end {_text(end)}")
    if start >= now:
        raise InvalidTimeRange(f"start {_text(start)} lies in the future; it is now {_text(now)} UTC")
    if now - start > RETENTION[-1][0]:
        raise InvalidTimeRange(f"start {_text(start)} is too far back: CloudWatch keeps metrics for 455 days")
    return TimeRange(_floor_minute(start), _ceil_minute(min(end, now)))


def _bounds(wanted: PlanExportInput, now: datetime) -> tuple[datetime, datetime]:
    if wanted.end is not None and wanted.minutes is not None:
        raise InvalidTimeRange("end and minutes were both given: give start and end, or start and minutes")
    if wanted.minutes is not None:
        return _by_minutes(wanted.minutes, wanted.start, now)
    if wanted.start is None or wanted.end is None:
        raise InvalidTimeRange(
            "no time range: give start and end, start and minutes, or minutes (counted back from now)"
        )
    return _utc(wanted.start), _utc(wanted.end)


def _by_minutes(minutes: int, start: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    if minutes < 1:
        raise InvalidTimeRange(f"minutes is {minutes}: at least 1 is needed")
    if minutes > RETENTION[-1][0] / timedelta(minutes=1):
        raise InvalidTimeRange(
            f"minutes is {minutes}: CloudWatch keeps metrics for 455 days (655,200 minutes)"
        )
    span = timedelta(minutes=minutes)
    return (_utc(start), _utc(start) + span) if start else (now - span, now)


def whole_days(span: TimeRange, now: datetime) -> tuple[TimeRange, ...]:
    """Every UTC day that the range touches, from its first minute to its last or to now.

    A day of a namespace is what a later export replaces: written whole, it is never doubled.
    """
    first = span.start.replace(hour=0, minute=0)
    count = (span.end - first - timedelta(minutes=1)).days + 1
    starts = [first + timedelta(days=day) for day in range(count)]
    return tuple(TimeRange(start, min(start + timedelta(days=1), _ceil_minute(now))) for start in starts)


def resolve_period(period: int | None, start: datetime, now: datetime) -> int:
    """Return the period asked for if CloudWatch can answer it, or the finest that it still keeps."""
    finest = next((seconds for limit, seconds in RETENTION if now - start <= limit), RETENTION[-1][1])
    if period is None:
        return finest
    if period < finest or period % finest or 86400 % period:
        raise InvalidTimeRange(
            f"period {period} s does not work from {_text(start)} on: "
            f"use a multiple of {finest} s that divides a day, for example {finest} or 3600"
        )
    return period


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _floor_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _ceil_minute(moment: datetime) -> datetime:
    floor = _floor_minute(moment)
    return floor if floor == moment else floor + timedelta(minutes=1)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
