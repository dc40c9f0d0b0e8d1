"""Which range and which period an export covers."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sluiceway.metrics.contracts import PlanExportInput
from sluiceway.metrics.time_range import (
    InvalidTimeRange,
    TimeRange,
    resolve_period,
    resolve_range,
    whole_days,
)

NOW = datetime(2026, 11, 21, 12, 30, 20, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_start_and_end_are_taken_as_utc_when_they_name_no_zone():
    """A time without zone is UTC; one with a zone is converted."""
    eastern = timezone(timedelta(hours=3))
    wanted = PlanExportInput(start=at(8).replace(tzinfo=None), end=datetime(2026, 11, 21, 12, tzinfo=eastern))
    assert resolve_range(wanted, NOW) == TimeRange(at(8), at(9))


def test_minutes_alone_count_back_from_now():
    """The range ends with the minute that is going on."""
    assert resolve_range(PlanExportInput(minutes=10), NOW) == TimeRange(at(12, 20), at(12, 31))


def test_minutes_with_a_start_count_forward():
    """Start and minutes are one of the two ways to give a range."""
    wanted = PlanExportInput(start=at(8), minutes=30)
    assert resolve_range(wanted, NOW) == TimeRange(at(8), at(8, 30))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"start": at(8), "end": at(9), "minutes": 5}, "both"),
        ({"end": at(9), "minutes": 5}, "both"),
        ({}, "no time range"),
        ({"start": at(8)}, "no time range"),
        ({"end": at(8)}, "no time range"),
        ({"start": at(9), "end": at(8)}, "not before"),
        ({"start": at(14), "end": at(15)}, "future"),
        ({"minutes": 0}, "at least 1"),
        ({"minutes": 10_000_000_000}, "455 days"),
        ({"start": NOW - timedelta(days=456), "minutes": 5}, "too far back"),
        ({"start": datetime.max.replace(tzinfo=UTC), "minutes": 5}, "outside the years"),
        ({"start": datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "minutes": 5}, "outside"),
    ],
)
def test_a_range_that_cannot_be_exported_is_refused_with_the_reason(wanted, message):
    """Every wrong combination says what was wrong."""
    with pytest.raises(InvalidTimeRange, match=message):
        resolve_range(PlanExportInput(**wanted), NOW)


def test_a_range_is_exported_in_whole_days_up_to_now():
    """A day is what an export replaces, so that none is ever left with a part of its points."""
    days = whole_days(TimeRange(at(22, day=20), at(0, 10)), NOW)
    assert days == (TimeRange(at(0, day=20), at(0)), TimeRange(at(0), at(12, 31)))


def test_a_range_that_ends_at_midnight_does_not_touch_the_next_day():
    """The end is not part of the range."""
    days = whole_days(TimeRange(at(22, day=19), at(0, day=20)), NOW)
    assert [day.start for day in days] == [at(0, day=19)]


@pytest.mark.parametrize(("age", "period"), [(1, 60), (16, 300), (64, 3600)])
def test_the_period_is_the_finest_that_cloudwatch_still_keeps(age, period):
    """60 s for 15 days, 300 s for 63, an hour for 455."""
    assert resolve_period(None, NOW - timedelta(days=age), NOW) == period


@pytest.mark.parametrize("period", [30, 90, 7 * 60])
def test_a_period_that_cloudwatch_cannot_answer_is_refused(period):
    """It must be a multiple of what is kept, and days must not share one."""
    with pytest.raises(InvalidTimeRange, match="multiple of 60"):
        resolve_period(period, NOW - timedelta(days=1), NOW)
