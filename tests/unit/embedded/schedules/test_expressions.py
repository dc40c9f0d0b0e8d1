"""Time zones and daylight saving: held against a minute-by-minute count."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.schedules import expressions

# Both changes of 2026 in each zone, as moments near them; Lord Howe's clocks move by half an hour.
CHANGES = {
    "Europe/Berlin": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "Australia/Lord_Howe": (
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),
    ),
}
NEAR = [(zone, change) for zone, changes in CHANGES.items() for change in changes]


def _counted(
    minutes: set[int], hours: set[int], zone: str, start: datetime, end: datetime
) -> Iterator[float]:
    moment = start + timedelta(minutes=1)
    while moment <= end:
        local = moment.astimezone(ZoneInfo(zone))
        if local.minute in minutes and local.hour in hours and not local.fold:
            yield moment.timestamp()
        moment += timedelta(minutes=1)


@settings(max_examples=120, deadline=None)
@given(
    st.sets(st.integers(0, 59), min_size=1, max_size=4),
    st.sets(st.integers(0, 5), min_size=1, max_size=4),
    st.sampled_from(NEAR),
    st.integers(0, 2_000),
)
def test_cron_fires_as_a_count_of_minutes_does(minutes, hours, near, before) -> None:
    """Every minute of UTC whose local time matches, and is not the second of its name, is a moment."""
    zone, change = near
    start, end = change - timedelta(minutes=before), change + timedelta(hours=30)
    text = f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} * * ? *)"
    found = expressions.parse(text, zone).after(start.timestamp(), start=0)
    expected = list(_counted(minutes, hours, zone, start, end))
    assert list(takewhile(lambda moment: moment <= end.timestamp(), found)) == expected


def _utc(text: str, zone: str, after: str, number: int) -> list[str]:
    since = datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp()
    found = islice(expressions.parse(text, zone).after(since, start=since), number)
    return [f"{datetime.fromtimestamp(moment, UTC):%m-%d %H:%M}" for moment in found]


@pytest.mark.parametrize(
    ("zone", "local", "after", "expected"),
    [
        ("Europe/Berlin", "30 2", "2026-03-27", ["03-27 01:30", "03-28 01:30", "03-30 00:30"]),
        ("Europe/Berlin", "30 2", "2026-10-23", ["10-23 00:30", "10-24 00:30", "10-25 00:30"]),
        ("America/New_York", "30 1", "2026-10-31", ["10-31 05:30", "11-01 05:30", "11-02 06:30"]),
        ("America/New_York", "15 2", "2026-03-07", ["03-07 07:15", "03-09 06:15", "03-10 06:15"]),
        ("Australia/Lord_Howe", "10 2", "2026-10-02", ["10-02 15:40", "10-04 15:10", "10-05 15:10"]),
        ("Australia/Lord_Howe", "45 1", "2026-04-03", ["04-03 14:45", "04-04 14:45", "04-05 15:15"]),
    ],
)
def test_skipped_times_do_not_fire_and_repeated_ones_fire_once(zone, local, after, expected) -> None:
    """The user guide's rules for both changes of the clocks."""
    assert _utc(f"cron({local} * * ? *)", zone, after, 3) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at(2026-07-01T12:00:00)", ["07-01 10:00"]),
        ("at(2026-12-01T12:00:00)", ["12-01 11:00"]),
        ("at(2026-10-25T02:30:00)", ["10-25 00:30"]),
        ("at(2026-03-29T02:30:00)", ["03-29 01:30"]),
    ],
)
def test_at_is_local_time(text: str, expected: list[str]) -> None:
    """A repeated time is its first; a skipped one is moved on by the hour that was skipped."""
    assert _utc(text, "Europe/Berlin", "2026-01-01", 2) == expected


def test_a_day_of_a_rate_has_24_hours() -> None:
    """Whatever the clocks do: rates know no daylight saving."""
    assert _utc("rate(1 day)", "Europe/Berlin", "2026-03-28", 2) == ["03-29 00:00", "03-30 00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "rate(0 minutes)", "rate(-1 hours)", "rate(1 week)", "rate(1)", "rate(1.5 hours)", "every day",
        "at(2026-02-30T00:00:00)", "at(2026-01-01)", "at(2026-01-01T00:00:00Z)", "cron(* * * * *)", "",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(expressions.InvalidExpression):
        expressions.parse(text)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    """Names of the zone database only."""
    with pytest.raises(expressions.InvalidExpression, match="no time zone"):
        expressions.parse("rate(1 day)", zone)
