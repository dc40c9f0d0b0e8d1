"""Cron in both dialects becomes AWS's, exactly, or is refused with the reason."""

# ruff: noqa: DTZ001 - local times

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.schedules import cron as aws
from sluiceway.projects.schedule_cron import read_cron

READ = {
    "30 3 * * MON-FRI": "cron(30 3 ? * MON-FRI *)",
    "0 6 * * 0": "cron(0 6 ? * SUN *)",
    "0 6 * * 7": "cron(0 6 ? * SUN *)",
    "0 6 * * 5-7": "cron(0 6 ? * SUN,FRI,SAT *)",
    "0 6 ? * 1 *": "cron(0 6 ? * SUN *)",
    "0 6 ? * 2-6 *": "cron(0 6 ? * MON-FRI *)",
    "*/15 9-17 * jan,jul *": "cron(0/15 9-17 * 1,7 ? *)",
    "5/20 * * * *": "cron(5/20 * * * ? *)",
    "0 0 L * *": "cron(0 0 L * ? *)",
    "0 0 LW * ? *": "cron(0 0 LW * ? *)",
    "0 0 15W * ? 2030-2040": "cron(0 0 15W * ? 2030-2040)",
    "0 18 ? * 6L *": "cron(0 18 ? * 6L *)",
    "0 18 * * 5L": "cron(0 18 ? * 6L *)",
    "0 18 ? * FRI#3 *": "cron(0 18 ? * 6#3 *)",
    "0 18 * * 0#1": "cron(0 18 ? * 1#1 *)",
    "0 18 ? * L *": "cron(0 18 ? * SAT *)",
    "cron(0 6 ? * MON *)": "cron(0 6 ? * MON *)",
    "@weekly": "cron(0 0 ? * SUN *)",
    "0 0 29 2 *": "cron(0 0 29 2 ? *)",
    "0 0 1-31 * MON": "cron(0 0 * * ? *)",
    "0 0 13 * 0-6": "cron(0 0 * * ? *)",
    "0 0 */1 * MON": "cron(0 0 ? * MON *)",
    "0 0 * * * ?": None,
}
REFUSED = {
    "0 0 30 2 *": "can never fire",
    "0 0 31 4,6,9,11 *": "can never fire",
    "0 0 29 2 ? 2027": "can never fire",
    "0 0 13 * 5": "two schedules",
    "0 0 */2 * 1": "two schedules",
    "0 6 * * * *": "exactly one",
    "0 6 ? * ? *": "exactly one",
    "0 0 6 * * ?": "exactly one|year",
    "0 6 * *": "4 fields",
    "0 0 6 * * ? 2027": "7 fields",
    "": "0 fields",
    "60 * * * *": "'60' is no minute",
    "0 24 * * *": "'24' is no hour",
    "0 0 0 * *": "day of the month",
    "0 0 * 13 *": "month",
    "0 0 * * 8": "day of the week",
    "0 0 ? * 0 *": "day of the week",
    "0 0 ? * 8 *": "day of the week",
    "0 0 * * ? 1969": "year",
    "0 0 * * ? 2200": "year",
    "*/0 * * * *": "step",
    "*/90 * * * *": "interval",
    "10-5 * * * *": "backwards",
    "0 0 ? * FRI-MON *": "backwards",
    "0 0 ? * 2#6 *": "#1 to #5",
    "0 0 ? * 2#1,6#3 *": "by themselves",
    "0 0 1,L * *": "by themselves",
    "0 0 L-3 * *": "by themselves",
    "0 6 * * $(reboot)": "character",
    "0 6 * * 1; rm -rf /": "character",
    "0 6\n* * *": "character",
    "0 6\x00 * * *": "character",
    "٣ 6 * * *": r"character '\\u0663'",
    "¹ 6 * * *": "character",
    "1_0 6 * * *": "character",
    "-1 6 * * *": "is no minute",
    "1, 6 * * *": "is no minute",
    "@reboot": "fields",
    "9999999999999999999999 * * * *": "is no minute",
}


@pytest.mark.parametrize("text", [text for text, wanted in READ.items() if wanted])
def test_both_dialects_are_read_with_their_own_numbers_of_days(text: str) -> None:
    """Unix counts days of the week from 0 (Sunday), AWS from 1 (Sunday)."""
    assert read_cron(text).expression == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_aws_cannot_express_is_refused_with_the_reason(text: str) -> None:
    """Out of range, never, nonsense, injection: a clear error."""
    with pytest.raises(ValueError, match=REFUSED[text]):
        read_cron(text)


def test_a_very_long_expression_is_refused_soon() -> None:
    """Each year by itself: more than AWS takes."""
    years = ",".join(str(year) for year in range(1970, 2199, 2) if year % 3)
    with pytest.raises(ValueError, match="too long"):
        read_cron(f"0 0 1 1 ? {years}")


def _lists(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    ranges = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    steps = st.tuples(st.sampled_from(["*", f"{low}"]), st.integers(1, high - low)).map(
        lambda parts: f"{parts[0]}/{parts[1]}"
    )
    part = st.one_of(number.map(str), ranges, steps, st.just("*"))
    return st.lists(part, min_size=1, max_size=3).map(",".join)


days = st.one_of(
    st.tuples(_lists(1, 31), st.just("?")),
    st.tuples(st.just("?"), _lists(1, 7)),
    st.tuples(st.sampled_from(["L", "LW", "1W", "15W", "28W"]), st.just("?")),
    st.tuples(st.just("?"), st.sampled_from(["L", "2L", "7L", "1#1", "6#5"])),
)


@settings(max_examples=150, deadline=None)
@given(_lists(0, 59), _lists(0, 23), days, _lists(1, 12), st.sampled_from(["*", "2026/2", "2027-2031"]))
def test_what_aws_is_given_fires_at_the_same_times(
    minutes: str, hours: str, days: tuple[str, str], months: str, years: str
) -> None:
    """The text that is made anew, and the table itself, against another reader of AWS's dialect."""
    text = f"{minutes} {hours} {days[0]} {months} {days[1]} {years}"
    try:
        table = read_cron(text)
    except ValueError:
        return
    since = datetime(2026, 11, 21, 12, 30)
    wanted = list(islice(aws.parse(text).after(since), 200))
    assert list(islice(table.after(since), 200)) == wanted
    assert list(islice(aws.parse(table.expression[5:-1]).after(since), 200)) == wanted


@settings(max_examples=100, deadline=None)
@given(_lists(0, 59), _lists(0, 23), _lists(0, 7), _lists(1, 12))
def test_unix_cron_fires_on_the_days_that_unix_means(
    minutes: str, hours: str, week: str, months: str
) -> None:
    """Of each day of a year: whether its number (0 or 7: Sunday) stands in the field."""
    table = read_cron(f"{minutes} {hours} * {months} {week}")
    numbers = {number % 7 for part in week.split(",") for number in _unix(part)}
    chosen = {number for part in months.split(",") for number in _unix(part, low=1, high=12)}
    for day in (datetime(2026, 1, 1) + timedelta(days=each) for each in range(366)):
        fires = next(table.after(day - timedelta(minutes=1)), datetime(9999, 1, 1)).date() == day.date()
        assert fires == (day.isoweekday() % 7 in numbers and day.month in chosen)


def _unix(part: str, low: int = 0, high: int = 7) -> range:
    base, _, step = part.partition("/")
    first, dash, last = base.partition("-")
    begin = low if base == "*" else int(first)
    end = int(last) if dash else high if base == "*" or step else begin
    return range(begin, end + 1, int(step or 1))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never another error, in bounded time."""
    with suppress(ValueError):
        read_cron(text)
