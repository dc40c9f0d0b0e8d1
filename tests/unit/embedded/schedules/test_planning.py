"""Dates, windows and what was missed."""

import pytest

from embedded.schedules import expressions
from embedded.schedules.planning import Timing, plan, timing_of

MINUTES = expressions.parse("rate(10 minutes)")
ONCE = expressions.parse("at(1970-01-01T01:00:00)")


def test_a_rate_begins_at_once_or_at_its_start() -> None:
    """Without a StartDate the first invocation is immediate; with one, it is then."""
    assert plan(Timing(MINUTES, created=7), considered=0, now=8).fire == [7]
    later = plan(Timing(MINUTES, created=7, start=100), considered=0, now=99)
    assert (later.fire, later.next_at) == ([], 100)


def test_a_start_in_the_past_sets_the_beat() -> None:
    """Nothing fires before the schedule exists, and every ten minutes since the start afterwards."""
    assert list(zip(range(2), Timing(MINUTES, created=1_000, start=60).moments(0), strict=False)) == [
        (0, 1_260), (1, 1_860),
    ]  # fmt: skip


def test_nothing_fires_after_the_end() -> None:
    """A moment on the end date is the last; then nothing comes any more."""
    ended = plan(Timing(MINUTES, created=0, end=600), considered=0.5, now=630)
    assert (ended.fire, ended.next_at) == ([600], None)


def test_at_ignores_start_and_end() -> None:
    """As documented of both; one that has passed already is late, not lost."""
    timing = Timing(ONCE, created=4_000, start=9_000, end=10)
    assert plan(timing, considered=0, now=4_000).fire == [3_600]


def test_a_window_delays_and_never_reorders() -> None:
    """Within the window, at the same place in it each time, the scheduled time being what it was."""
    timing = Timing(MINUTES, created=0, window=900, spread=0.5)
    assert plan(timing, considered=-1, now=449).fire == []
    assert plan(timing, considered=-1, now=450).fire == [0]
    assert plan(timing, considered=0, now=1_051).fire == [600]


def test_what_was_missed_fires_once() -> None:
    """After an hour without the cloud: the last moment, late, and the one due now; the rest is dropped."""
    found = plan(Timing(MINUTES, created=0), considered=0, now=3_600)
    assert (found.fire, found.dropped) == ([3_000, 3_600], [600, 1_200, 1_800, 2_400])
    assert (found.considered, found.next_at) == (3_600, 4_200)


def test_what_is_too_old_does_not_fire() -> None:
    """MaximumEventAgeInSeconds holds for what was missed, too."""
    found = plan(Timing(ONCE, created=0, event_age=60), considered=0, now=3_700)
    assert (found.fire, found.dropped, found.next_at) == ([], [3_600], None)


@pytest.mark.parametrize(("mode", "window"), [("OFF", 0), ("FLEXIBLE", 300)])
def test_a_timing_is_read_from_the_schedule(mode: str, window: int) -> None:
    """The window in seconds, and the default age of a day."""
    schedule = {
        "Arn": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s",
        "LastModificationDate": 5.0,
        "FlexibleTimeWindow": {"Mode": mode, "MaximumWindowInMinutes": 5},
    }
    timing = timing_of(schedule, MINUTES)
    assert (timing.created, timing.window, timing.event_age) == (5.0, window, 86_400)
    assert 0 <= timing.spread < 1
