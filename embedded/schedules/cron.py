"""AWS's dialect of cron: six fields, `L`, `W`, `#`, `?` and years; in local time, without a zone.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
"""

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache

OnDate = Callable[[date], bool]

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_SATURDAY, _SUNDAY = 5, 6


class InvalidExpression(ValueError):
    """An expression that AWS refuses."""


@dataclass(frozen=True)
class Field:
    """What a field may hold: its name, lowest and highest number, and names of numbers."""

    name: str
    low: int
    high: int
    names: Mapping[str, int]

    def number(self, text: str) -> int:
        """The number that a token stands for."""
        found = self.names.get(text.upper())
        if found is None and text.isascii() and text.isdigit():
            found = int(text)
        if found is None or not self.low <= found <= self.high:
            raise InvalidExpression(f"{text!r} is not a value of the field {self.name}")
        return found

    def numbers(self, text: str) -> frozenset[int]:
        """All numbers that a list of values, ranges and increments stands for."""
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def _part(self, text: str) -> range:
        base, slash, step = text.partition("/")
        first, dash, last = base.partition("-")
        low = self.low if base == "*" else self.number(first)
        high = self.number(last) if dash else self.high if slash or base == "*" else low
        if high < low or (slash and not (step.isascii() and step.isdigit() and int(step))):
            raise InvalidExpression(f"{text!r} is not a range or an increment of the field {self.name}")
        return range(low, high + 1, int(step) if slash else 1)


_MINUTE = Field("minutes", 0, 59, {})
_HOUR = Field("hours", 0, 23, {})
_DAY_OF_MONTH = Field("day of month", 1, 31, {})
_MONTH = Field("month", 1, 12, _MONTHS)
_DAY_OF_WEEK = Field("day of week", 1, 7, _DAYS)
_YEAR = Field("year", _FIRST_YEAR, _LAST_YEAR, {})


@dataclass(frozen=True)
class Cron:
    """A parsed `cron(…)`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    on: OnDate

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Every local time, to the minute, that is later than `moment`; both without a zone."""
        for day in self._days(moment.date()):
            for hour in self.hours:
                for minute in self.minutes:
                    found = datetime.combine(day, time(hour, minute))
                    if found > moment:
                        yield found

    def _days(self, start: date) -> Iterator[date]:
        for year in (year for year in self.years if year >= start.year):
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                first = start.day if (year, month) == (start.year, start.month) else 1
                days = (date(year, month, day) for day in range(first, _last_day(year, month) + 1))
                yield from filter(self.on, days)


def parse(text: str) -> Cron:
    """The fields between the parentheses of `cron(…)`; InvalidExpression names what is wrong."""
    fields = text.split()
    if len(fields) != 6:
        raise InvalidExpression(f"six fields are needed, there are {len(fields)}")
    minutes, hours, month_days, months, week_days, years = fields
    if (month_days == "?") == (week_days == "?"):
        raise InvalidExpression("exactly one of day of month and day of week must be '?'")
    on = _on_day_of_week(week_days) if month_days == "?" else _on_day_of_month(month_days)
    return Cron(
        minutes=tuple(sorted(_MINUTE.numbers(minutes))),
        hours=tuple(sorted(_HOUR.numbers(hours))),
        months=tuple(sorted(_MONTH.numbers(months))),
        years=tuple(sorted(_YEAR.numbers(years))),
        on=on,
    )


def _on_day_of_month(text: str) -> OnDate:
    return _any_of([_one_day_of_month(part) for part in text.upper().split(",")])


def _one_day_of_month(part: str) -> OnDate:
    if part == "L":
        return lambda day: day.day == _last_day(day.year, day.month)
    if part == "LW":
        return lambda day: day.day == _nearest_weekday(day, _last_day(day.year, day.month))
    if part.endswith("W"):
        wanted = _DAY_OF_MONTH.number(part[:-1])
        return lambda day: day.day == _nearest_weekday(day, wanted)
    days = _DAY_OF_MONTH.numbers(part)
    return lambda day: day.day in days


def _on_day_of_week(text: str) -> OnDate:
    return _any_of([_one_day_of_week(part) for part in text.upper().split(",")])


def _one_day_of_week(part: str) -> OnDate:
    name, hash_sign, ordinal = part.partition("#")
    if hash_sign:
        wanted = _DAY_OF_WEEK.number(name)
        if ordinal not in {"1", "2", "3", "4", "5"}:
            raise InvalidExpression(f"{part!r}: a month has no such week")
        return lambda day: _day_of_week(day) == wanted and (day.day + 6) // 7 == int(ordinal)
    if part != "L" and part.endswith("L"):
        last = _DAY_OF_WEEK.number(part[:-1])
        return lambda day: _day_of_week(day) == last and day.day + 7 > _last_day(day.year, day.month)
    # A bare L is the last day of the week.
    days = _DAY_OF_WEEK.numbers("SAT" if part == "L" else part)
    return lambda day: _day_of_week(day) in days


def _any_of(tests: list[OnDate]) -> OnDate:
    return lambda day: any(test(day) for test in tests)


def _day_of_week(day: date) -> int:
    return day.isoweekday() % 7 + 1


@cache
def _last_day(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _nearest_weekday(month: date, wanted: int) -> int | None:
    """The weekday nearest to a day, never in another month; None where the month has no such day."""
    last = _last_day(month.year, month.month)
    if wanted > last:
        return None
    weekday = month.replace(day=wanted).weekday()
    if weekday == _SATURDAY:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == _SUNDAY:
        return wanted + 1 if wanted < last else wanted - 2
    return wanted
