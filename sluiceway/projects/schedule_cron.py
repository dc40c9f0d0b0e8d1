"""Cron, in both dialects: five fields are Unix's, six are AWS's. Days of the week are numbered differently!

    0 6 * * 1           Unix: minute hour day-of-month month day-of-week (0 or 7: Sunday, 1: Monday)
    0 6 ? * 2 *         AWS: the same, and a year (1: Sunday, 2: Monday)

What AWS cannot express exactly is refused. Both are read into one table, of which AWS's text is made anew.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sluiceway.projects.schedule_days import (
    Days,
    EveryDay,
    LastDay,
    LastWeekDay,
    MonthDays,
    NearestWeekday,
    NthWeekDay,
    WeekDays,
    last_day,
)
from sluiceway.projects.schedule_fields import (
    AWS_WEEK_DAY,
    HOUR,
    MINUTE,
    MONTH,
    MONTH_DAY,
    UNIX_WEEK_DAY,
    YEAR,
    Field,
)

LONGEST = 256
"""characters of an expression of EventBridge Scheduler"""
EVERY_DAY: Days = EveryDay()
EVERY_MONTH, EVERY_YEAR = MONTH.numbers("*"), YEAR.numbers("*")

_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


@dataclass(frozen=True, kw_only=True)
class Cron:
    """A product of minutes, hours, days, months and years, in some zone's local time."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: Days = EVERY_DAY
    months: frozenset[int] = EVERY_MONTH
    years: frozenset[int] = EVERY_YEAR

    @property
    def expression(self) -> str:
        """As EventBridge Scheduler takes it."""
        month_days, week_days = self.days.fields
        parts = (
            MINUTE.text(self.minutes),
            HOUR.text(self.hours),
            month_days,
            MONTH.text(self.months),
            week_days,
            YEAR.text(self.years),
        )
        return f"cron({' '.join(parts)})"

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Every local time later than `moment`, in order; both without a zone."""
        hours, minutes = sorted(self.hours), sorted(self.minutes)
        for day in self._days(moment.date()):
            times = (datetime.combine(day, time(hour, minute)) for hour in hours for minute in minutes)
            yield from (each for each in times if each > moment)

    def ends_before(self, year: int) -> bool:
        """Whether all of its years lie before this one."""
        return max(self.years) < year

    def _days(self, start: date) -> Iterator[date]:
        for year in sorted(year for year in self.years if year >= start.year):
            for month in sorted(self.months):
                days = (date(year, month, day) for day in range(1, last_day(year, month) + 1))
                yield from (day for day in days if day >= start and self.days.on(day))


def read_cron(text: str) -> Cron:
    """The table of an expression; ValueError says what is wrong with it."""
    given = text.strip()
    inside = re.fullmatch(r"cron\((.*)\)", given, re.IGNORECASE)
    fields = _fields(inside[1] if inside else _MACROS.get(given.lower(), given))
    table = _DIALECTS[len(fields)](fields)
    if len(table.expression) > LONGEST:
        raise ValueError(
            f"is too long for EventBridge Scheduler ({LONGEST} characters): split it into schedules"
        )
    if next(table.after(datetime(YEAR.low, 1, 1)), None) is None:  # noqa: DTZ001 - of no zone
        raise ValueError("can never fire: there is no such day")
    return table


def _fields(text: str) -> list[str]:
    odd = re.search(r"[^0-9A-Za-z*,/?#@ \t-]", text)
    if odd:
        raise ValueError(f"the character {odd[0]!a} has no place in a cron expression")
    fields = text.split()
    if len(fields) not in _DIALECTS:
        raise ValueError(
            f"has {len(fields)} fields: write five (minute hour day-of-month month day-of-week), "
            "or AWS's six (the same and a year)"
        )
    return fields


def _unix(fields: list[str]) -> Cron:
    minutes, hours, month_days, months, week_days = fields
    return Cron(
        minutes=MINUTE.numbers(minutes),
        hours=HOUR.numbers(hours),
        days=_unix_days(month_days.replace("?", "*"), week_days.replace("?", "*")),
        months=MONTH.numbers(months),
    )


def _unix_days(month_days: str, week_days: str) -> Days:
    """Where neither field begins with `*`, Unix fires on days that match either: AWS cannot say that.

    `1-31` and Monday are so every day, not every Monday (crontab(5), "The day of a command's execution").
    """
    by_month, by_week = _month_days(month_days), _week_days(week_days, UNIX_WEEK_DAY)
    if isinstance(by_month, EveryDay) or isinstance(by_week, EveryDay):
        either = not (month_days.startswith("*") or week_days.startswith("*"))
        return EVERY_DAY if either else by_week if isinstance(by_month, EveryDay) else by_month
    raise ValueError(
        f"day of the month {month_days!r} or day of the week {week_days!r}: Unix cron fires on either, "
        "which AWS cannot express: write two schedules"
    )


def _aws(fields: list[str]) -> Cron:
    minutes, hours, month_days, months, week_days, years = fields
    if (month_days == "?") == (week_days == "?"):
        raise ValueError(
            "in AWS's six fields (minute hour day-of-month month day-of-week year) exactly one of day of the "
            "month and day of the week is '?', for example 0 6 ? * MON *"
        )
    return Cron(
        minutes=MINUTE.numbers(minutes),
        hours=HOUR.numbers(hours),
        days=_week_days(week_days, AWS_WEEK_DAY) if month_days == "?" else _month_days(month_days),
        months=MONTH.numbers(months),
        years=YEAR.numbers(years),
    )


_DIALECTS: Mapping[int, Callable[[list[str]], Cron]] = {5: _unix, 6: _aws}


def _month_days(text: str) -> Days:
    word = text.upper()
    if word == "L":
        return LastDay()
    if word == "LW":
        return NearestWeekday(None)
    if word.endswith("W") and "," not in word:
        return NearestWeekday(MONTH_DAY.number(word[:-1]))
    if "L" in word or "W" in word:
        raise ValueError(
            f"{text!r}: AWS reads L and W only by themselves: L, LW or 15W; write more schedules"
        )
    days = MONTH_DAY.numbers(text)
    return EveryDay() if len(days) == MONTH_DAY.high else MonthDays(days)


def _week_days(text: str, week: Field) -> Days:
    word = text.upper()
    if word == "L" and week is AWS_WEEK_DAY:
        return WeekDays(frozenset({AWS_WEEK_DAY.high}))
    name, hash_sign, nth = word.partition("#")
    if "," in word and (hash_sign or re.search(r"(^|[,\d])L", word)):
        raise ValueError(f"{text!r}: AWS reads # and L only by themselves: write more schedules")
    if hash_sign:
        return NthWeekDay(_aws_number(week.number(name), week), _nth(text, nth))
    if word.endswith("L") and len(word) > 1:
        return LastWeekDay(_aws_number(week.number(word[:-1]), week))
    days = frozenset(_aws_number(number, week) for number in week.numbers(text))
    return EveryDay() if len(days) == AWS_WEEK_DAY.high else WeekDays(days)


def _aws_number(number: int, week: Field) -> int:
    """1 (Sunday) to 7."""
    return number if week is AWS_WEEK_DAY else number % 7 + 1


def _nth(text: str, nth: str) -> int:
    if nth not in ("1", "2", "3", "4", "5"):
        raise ValueError(f"{text!r}: a month has a first to fifth day of the week: #1 to #5")
    return int(nth)
