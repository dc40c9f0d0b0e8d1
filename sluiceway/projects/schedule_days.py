"""The days on which AWS's cron fires: one rule, as two of its six fields and as a test of a date.

AWS numbers the days of the week from 1, a Sunday, and wants a `?` in the field that says nothing:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
"""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Protocol

WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
"""Names of the days 1 to 7."""
_SATURDAY, _SUNDAY = 5, 6
"""as `date.weekday` counts"""


class Days(Protocol):
    """On which days of the chosen months it fires."""

    @property
    def fields(self) -> tuple[str, str]:
        """Day of month and day of week, as AWS writes them."""

    def on(self, day: date) -> bool:
        """Whether it fires on this day."""


@dataclass(frozen=True)
class EveryDay:
    """No day is left out."""

    fields = ("*", "?")

    def on(self, day: date) -> bool:  # noqa: ARG002 - every day is one
        """Always."""
        return True


@dataclass(frozen=True)
class MonthDays:
    """Days 1 to 31; months that are too short are left out."""

    days: frozenset[int]

    @property
    def fields(self) -> tuple[str, str]:
        """For example `1,15` and `?`."""
        return compact(self.days), "?"

    def on(self, day: date) -> bool:
        """By its number."""
        return day.day in self.days


@dataclass(frozen=True)
class WeekDays:
    """Days 1 (Sunday) to 7."""

    days: frozenset[int]

    @property
    def fields(self) -> tuple[str, str]:
        """For example `?` and `MON-FRI`: names cannot be mistaken for another numbering."""
        return "?", compact(self.days, names=WEEK)

    def on(self, day: date) -> bool:
        """By its day of the week."""
        return week_day(day) in self.days


@dataclass(frozen=True)
class NthWeekDay:
    """The first to fifth such day of the week of a month."""

    day: int
    nth: int

    @property
    def fields(self) -> tuple[str, str]:
        """For example `?` and `2#1`: the first Monday."""
        return "?", f"{self.day}#{self.nth}"

    def on(self, day: date) -> bool:
        """The first is within the days 1 to 7, and so on."""
        return week_day(day) == self.day and (day.day + 6) // 7 == self.nth


@dataclass(frozen=True)
class LastWeekDay:
    """The last such day of the week of a month."""

    day: int

    @property
    def fields(self) -> tuple[str, str]:
        """For example `?` and `6L`: the last Friday."""
        return "?", f"{self.day}L"

    def on(self, day: date) -> bool:
        """No other of them follows in the month."""
        return week_day(day) == self.day and day.day + 7 > last_day(day.year, day.month)


@dataclass(frozen=True)
class LastDay:
    """The last day of a month."""

    fields = ("L", "?")

    def on(self, day: date) -> bool:
        """28 to 31."""
        return day.day == last_day(day.year, day.month)


@dataclass(frozen=True)
class NearestWeekday:
    """The day from Monday to Friday that is nearest to a day of the month, never in another month."""

    wanted: int | None
    """None: the last day of the month."""

    @property
    def fields(self) -> tuple[str, str]:
        """For example `15W` and `?`."""
        return ("LW" if self.wanted is None else f"{self.wanted}W"), "?"

    def on(self, day: date) -> bool:
        """A Saturday gives way to the Friday, a Sunday to the Monday, where the month has it."""
        last = last_day(day.year, day.month)
        wanted = last if self.wanted is None else self.wanted
        return wanted <= last and day.day == _nearest(day.replace(day=wanted), last)


def _nearest(wanted: date, last: int) -> int:
    if wanted.weekday() == _SATURDAY:
        return wanted.day - 1 if wanted.day > 1 else wanted.day + 2
    if wanted.weekday() == _SUNDAY:
        return wanted.day + 1 if wanted.day < last else wanted.day - 2
    return wanted.day


def week_day(day: date) -> int:
    """1 (Sunday) to 7, as AWS counts."""
    return day.isoweekday() % 7 + 1


def last_day(year: int, month: int) -> int:
    """28 to 31."""
    return calendar.monthrange(year, month)[1]


def compact(numbers: frozenset[int], *, names: tuple[str, ...] = ()) -> str:
    """Numbers as a list of values and ranges, or by `names`, of which the first is 1: `MON-FRI`, `1,15`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(_run(run, names) for run in runs)


def _run(run: list[int], names: tuple[str, ...]) -> str:
    first, last = (names[number - 1] if names else str(number) for number in (run[0], run[-1]))
    if len(run) == 1:
        return first
    return f"{first}{'-' if len(run) > 2 else ','}{last}"
