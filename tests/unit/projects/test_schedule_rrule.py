"""Recurrence rules become cron or rate where the occurrences are exactly the same: dateutil says which."""

# ruff: noqa: DTZ001 - local times

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from sluiceway.projects.schedule_cron import Cron
from sluiceway.projects.schedule_moments import Moments, Rate
from sluiceway.projects.schedule_rrule import read_rrule
from sluiceway.projects.schedule_zones import to_local

START = datetime(2026, 1, 7, 5, 20)
HEAD = f"DTSTART;TZID=Europe/Berlin:{START:%Y%m%dT%H%M%S}\nRRULE:"
IN_UTC = f"DTSTART:{START:%Y%m%dT%H%M%SZ}\nRRULE:"
YEARS = datetime(2036, 1, 1)
EXACT = {
    "FREQ=DAILY": "cron(20 5 * * ? *)",
    "FREQ=DAILY;BYHOUR=6,18;BYMINUTE=0": "cron(0 6,18 * * ? *)",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR": "cron(20 5 ? * MON-FRI *)",
    "FREQ=DAILY;INTERVAL=7": "cron(20 5 ? * WED *)",
    "FREQ=WEEKLY": "cron(20 5 ? * WED *)",
    "FREQ=WEEKLY;BYDAY=MO,TH;WKST=SU": "cron(20 5 ? * MON,THU *)",
    "FREQ=MONTHLY": "cron(20 5 7 * ? *)",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "cron(20 5 L * ? *)",
    "FREQ=MONTHLY;BYMONTHDAY=1,15,31": "cron(20 5 1,15,31 * ? *)",
    "FREQ=MONTHLY;BYDAY=2TU": "cron(20 5 ? * 3#2 *)",
    "FREQ=MONTHLY;BYDAY=-1FR": "cron(20 5 ? * 6L *)",
    "FREQ=MONTHLY;BYDAY=5MO": "cron(20 5 ? * 2#5 *)",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "cron(20 5 LW * ? *)",
    "FREQ=MONTHLY;BYDAY=FR,TH,WE,TU,MO;BYSETPOS=+1": "cron(20 5 1W * ? *)",
    "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2": "cron(20 5 ? * 3#2 *)",
    "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1;BYHOUR=18": "cron(20 18 ? * 6L *)",
    "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1": "cron(20 5 L * ? *)",
    "FREQ=MONTHLY;BYMONTHDAY=10,20,30;BYSETPOS=2": "cron(20 5 20 * ? *)",
    "FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=31": "cron(20 5 31 * ? *)",
    "FREQ=YEARLY;BYMONTH=12;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "cron(20 5 LW 12 ? *)",
    "FREQ=MONTHLY;INTERVAL=12;BYDAY=MO;BYSETPOS=1": "cron(20 5 ? 1 2#1 *)",
    "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=8,9,10,11,12,13,14": "cron(20 5 ? * 2#2 *)",
    "FREQ=DAILY;BYDAY=SU;BYMONTHDAY=29,30,31": "cron(20 5 ? * 1#5 *)",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=SU;BYMONTHDAY=-1,-2,-3,-4,-5,-6,-7": "cron(20 5 ? 3,10 1L *)",
    "FREQ=MONTHLY;INTERVAL=3": "cron(20 5 7 1/3 ? *)",
    "FREQ=MONTHLY;INTERVAL=24": "cron(20 5 7 1 ? 2026/2)",
    "FREQ=YEARLY": "cron(20 5 7 1 ? *)",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=1SU": "cron(20 5 ? 3 1#1 *)",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29": None,
    "FREQ=YEARLY;INTERVAL=2": "cron(20 5 7 1 ? 2026/2)",
    "FREQ=HOURLY": "cron(20 * * * ? *)",
    "FREQ=HOURLY;INTERVAL=6": "cron(20 5/6 * * ? *)",
    "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9,10": "cron(5/15 9,10 * * ? *)",
    "FREQ=MINUTELY;INTERVAL=120": "cron(20 1/2 * * ? *)",
    "FREQ=MINUTELY;INTERVAL=1440": "cron(20 5 * * ? *)",
}
STEADY = {
    "FREQ=DAILY;INTERVAL=2": "rate(2 days)",
    "FREQ=DAILY;INTERVAL=2;BYHOUR=4;BYMINUTE=0": "rate(2 days)",
    "FREQ=WEEKLY;INTERVAL=2": "rate(14 days)",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO": "rate(14 days)",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU": "rate(14 days)",
    "FREQ=HOURLY;INTERVAL=5": "rate(5 hours)",
    "FREQ=MINUTELY;INTERVAL=7": "rate(7 minutes)",
    "FREQ=MINUTELY;INTERVAL=90": "rate(90 minutes)",
}
REFUSED = {
    "FREQ=SECONDLY": "FREQ",
    "INTERVAL=2": "FREQ",
    "FREQ=DAILY;FREQ=DAILY": "twice",
    "FREQ=DAILY;INTERVAL=0": "positive",
    "FREQ=DAILY;INTERVAL=-1": "positive",
    "FREQ=DAILY;INTERVAL=２": "positive",
    "FREQ=DAILY;COUNT=3;UNTIL=20270101": "exclude",
    "FREQ=DAILY;BYHOUR=24": "hour",
    "FREQ=DAILY;BYHOUR=,": "hour",
    "FREQ=DAILY;BYSECOND=30": "minutes",
    "FREQ=DAILY;BYHOUR=6,18;BYSETPOS=1": "other periods than months",
    "FREQ=MONTHLY;BYDAY=MO;BYHOUR=6,18;BYSETPOS=-1": "several times of a day",
    "FREQ=YEARLY;BYDAY=MO;BYSETPOS=1": "other periods than months",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,-1": "several positions",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0": "or by none",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2": "these days of a month",
    "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1": "these days of a month",
    "FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYSETPOS=-1": "these days of a month",
    "FREQ=MONTHLY;BYSETPOS=1": "these days of a month",
    "FREQ=YEARLY;BYWEEKNO=20": "BYWEEKNO",
    "FREQ=YEARLY;BYYEARDAY=100": "BYYEARDAY",
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR": "both",
    "FREQ=MONTHLY;BYMONTHDAY=-2": "last alone",
    "FREQ=MONTHLY;BYMONTHDAY=1,-1": "last alone",
    "FREQ=MONTHLY;BYDAY=1MO,3MO": "more schedules",
    "FREQ=MONTHLY;BYDAY=-2FR": "first to fifth",
    "FREQ=MONTHLY;INTERVAL=5": "count months",
    "FREQ=YEARLY;BYDAY=20MO": "within a month",
    "FREQ=WEEKLY;BYDAY=2MO": "within a month",
    "FREQ=WEEKLY;BYMONTHDAY=1": "RFC 5545",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH": "more schedules",
    "FREQ=DAILY;INTERVAL=2": "Europe/Berlin shifts its clocks",
    "FREQ=HOURLY;INTERVAL=5": "Europe/Berlin shifts its clocks",
    "FREQ=DAILY;X=$(id)": "no part",
    "FREQ=DAILY;UNTIL=soon": "of the form",
    "FREQ=DAILY;UNTIL=20269999T000000": "of the form",
    "FREQ=DAILY;COUNT=99999999": "use UNTIL",
    "FREQ=DAILY\nEXDATE:20260101": "not understood",
    "FREQ=DAILY\nRRULE:FREQ=WEEKLY": "exactly one",
    "": "no part",
}


def assert_same(text: str, found: Moments, until: datetime = YEARS) -> None:
    """All occurrences up to `until`, as local times, and that none is left out at the end."""
    rule = rrulestr(text.replace(";TZID=Europe/Berlin", "").replace("Z\n", "\n"))
    wanted = rule.between(datetime(1999, 1, 1), until, inc=True)[:3000]
    begin = to_local(found.start, found.timezone) if found.start else START
    if isinstance(found.when, Cron):
        local = found.when.after(begin - timedelta(minutes=1))
        end = to_local(found.end, found.timezone) if found.end else until
        got = [each for each in islice(local, len(wanted) + 1) if each <= min(until, end)]
    else:
        utc = islice(found.after(datetime(2000, 1, 1, tzinfo=UTC)), len(wanted) + 1)
        got = [each for each in (each.replace(tzinfo=None) for each in utc) if each <= until]
    assert got[: len(wanted)] == wanted
    assert len(got) == len(wanted) or len(wanted) == 3000


@pytest.mark.parametrize("rule", EXACT)
def test_a_rule_that_cron_can_express_is_that_cron(rule: str) -> None:
    """Over ten years, in local time, in a zone that shifts its clocks."""
    found = read_rrule(HEAD + rule)
    assert EXACT[rule] in (None, found.when.expression)
    assert_same(HEAD + rule, found)


@pytest.mark.parametrize("rule", STEADY)
def test_a_steady_beat_is_a_rate_where_clocks_never_shift(rule: str) -> None:
    """Counted from DTSTART: it is the start date."""
    found = read_rrule(IN_UTC + rule)
    assert found.when.expression == STEADY[rule]
    assert_same(IN_UTC + rule, found, datetime(2028, 1, 1))


@pytest.mark.parametrize("rule", REFUSED)
def test_what_cron_cannot_express_is_refused_with_the_reason(rule: str) -> None:
    """Never something that is nearly the same."""
    with pytest.raises(ValueError, match=REFUSED[rule]):
        read_rrule(HEAD + rule)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [("FREQ=WEEKLY", "BYDAY"), ("FREQ=MONTHLY", "BYMONTHDAY"), ("FREQ=YEARLY", "BYMONTH"),
     ("FREQ=DAILY;INTERVAL=2", "DTSTART"), ("FREQ=DAILY;COUNT=3", "DTSTART"),
     ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "BYMONTH")],
)  # fmt: skip
def test_what_follows_from_dtstart_alone_needs_one(rule: str, reason: str) -> None:
    """Nobody should have to guess which day was meant; the time of day is midnight."""
    with pytest.raises(ValueError, match=reason):
        read_rrule(rule)
    assert read_rrule("FREQ=WEEKLY;BYDAY=MO").when.expression == "cron(0 0 ? * MON *)"


@pytest.mark.parametrize(
    "limit", ["COUNT=1", "COUNT=5", "COUNT=400", "UNTIL=20270107T052000", "UNTIL=20260901"]
)
def test_count_and_until_end_between_the_last_moment_and_the_next(limit: str) -> None:
    """The end date is after the last occurrence and before the one that would follow."""
    text = f"{HEAD}FREQ=WEEKLY;BYDAY=WE,SA;{limit}"
    found = read_rrule(text, jitter=900)
    last = rrulestr(text.replace(";TZID=Europe/Berlin", ""))[-1]
    moments = list(found.after(datetime(2026, 1, 1, tzinfo=UTC)))
    assert to_local(moments[-1], "Europe/Berlin") == last
    _, end = found.limits(datetime(2026, 1, 1, tzinfo=UTC))
    assert end is not None
    assert moments[-1] < end < moments[-1] + timedelta(days=3)


def test_zones_must_agree() -> None:
    """DTSTART's zone is the schedule's."""
    assert read_rrule(HEAD + "FREQ=DAILY").timezone == "Europe/Berlin"
    with pytest.raises(ValueError, match="leave one of them out"):
        read_rrule(HEAD + "FREQ=DAILY", timezone="Asia/Tokyo")
    with pytest.raises(ValueError, match="no time zone"):
        read_rrule("DTSTART;TZID=Europe/Berlinn:20260101T000000\nRRULE:FREQ=DAILY")


def _some(low: int, high: int, most: int = 3) -> st.SearchStrategy[str]:
    numbers = st.lists(st.integers(low, high), min_size=1, max_size=most, unique=True)
    return numbers.map(lambda found: ",".join(map(str, found)))


week = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True
)
parts = {
    "INTERVAL": st.sampled_from(["1", "2", "3", "4", "6", "7", "12", "14", "15", "24", "30", "60", "90"]),
    "BYMINUTE": _some(0, 59),
    "BYHOUR": _some(0, 23),
    "BYMONTH": _some(1, 12),
    "BYMONTHDAY": st.one_of(_some(1, 31), st.just("-1")),
    "BYSETPOS": st.sampled_from(["1", "2", "5", "-1", "-2"]),
    "BYDAY": st.one_of(week.map(",".join), st.sampled_from(["1MO", "2TU", "5FR", "-1SU"])),
    "WKST": st.sampled_from(["SU", "MO"]),
    "COUNT": st.integers(1, 60).map(str),
}


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.fixed_dictionaries({}, optional=parts),
    st.sampled_from([HEAD, IN_UTC]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
)
def test_whatever_is_not_refused_has_the_same_occurrences(
    frequency: str, chosen: dict[str, str], head: str, start: datetime
) -> None:
    """Any combination of parts, from any DTSTART: exactly, or not at all."""
    head = head.replace(f"{START:%Y%m%dT%H%M%S}", f"{start:%Y%m%dT%H%M00}")
    text = head + ";".join([f"FREQ={frequency}", *(f"{name}={value}" for name, value in chosen.items())])
    try:
        found = read_rrule(text)
    except ValueError:
        return
    until = start + timedelta(days=30 if frequency in ("MINUTELY", "HOURLY") else 1500)
    if isinstance(found.when, Rate) and found.timezone != "UTC":
        pytest.fail("a rate in a zone that shifts its clocks is not exact")
    assert_same(text, found, until)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("FREQ=DAILYW;BYO:,1-", max_size=60)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never another error."""
    with suppress(ValueError):
        read_rrule(text)
