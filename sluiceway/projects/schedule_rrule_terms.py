"""What a recurrence rule comes to: a product of minutes, hours, days, months and years, or a steady beat.

A beat has hours of sixty minutes; a rule goes by the wall clock. They are the same where clocks never shift.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sluiceway.projects.schedule_cron import EVERY_YEAR, Cron
from sluiceway.projects.schedule_days import (
    Days,
    EveryDay,
    LastDay,
    LastWeekDay,
    MonthDays,
    NthWeekDay,
    WeekDays,
    week_day,
)
from sluiceway.projects.schedule_fields import HOUR, LAST_YEAR, MINUTE, MONTH
from sluiceway.projects.schedule_moments import Rate
from sluiceway.projects.schedule_zones import never_shifts

_ANY_HOUR, _ANY_MINUTE, _ANY_MONTH = HOUR.numbers("*"), MINUTE.numbers("*"), MONTH.numbers("*")
_SECONDS = {"MINUTELY": 60, "HOURLY": 3600, "DAILY": 86400, "WEEKLY": 7 * 86400}
_WEEKS_OF_MONTH = {frozenset(range(7 * nth - 6, min(7 * nth, 31) + 1)): nth for nth in range(1, 6)} | {
    frozenset(range(-7, 0)): -1
}
_COARSER = {
    "MINUTELY": ("HOURLY", 60),
    "HOURLY": ("DAILY", 24),
    "DAILY": ("WEEKLY", 7),
    "MONTHLY": ("YEARLY", 12),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule as it is written; empty sets are parts that are not there."""

    frequency: str
    interval: int
    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    month_days: frozenset[int]
    week_days: frozenset[tuple[int, int]]
    """(which of the month, or 0; day from 1, a Sunday, to 7)"""
    week_start: int
    anchor: datetime
    """DTSTART, or a midnight"""
    anchored: bool
    """Whether there is a DTSTART"""
    picked: Days | None = None
    """What BYSETPOS makes of the days"""

    @property
    def plain_days(self) -> bool:
        """Whether nothing but the frequency chooses the days."""
        return not (self.months or self.month_days or self.week_days)


def to_when(rule: Rule, zone: str) -> tuple[Cron | Rate, datetime | None]:
    """What fires at the same local times, and from when on; ValueError says why nothing does."""
    rule = _coarsest(rule)
    if rule.frequency in ("DAILY", "WEEKLY") and rule.interval > 1:
        return _beat(rule, zone)
    if _uneven(rule, "MINUTELY", 60) or _uneven(rule, "HOURLY", 24):
        return _beat(rule, zone)
    return _table(rule), rule.anchor if rule.anchored else None


def _coarsest(rule: Rule) -> Rule:
    """Every 60 minutes is every hour, at the minute of DTSTART; every 7 days is every week, on its day."""
    coarser, size = _COARSER.get(rule.frequency, ("", 0))
    if not size or rule.interval % size or not _COARSENS[rule.frequency](rule):
        return rule
    wider = replace(rule, frequency=coarser, interval=rule.interval // size)
    if coarser == "WEEKLY":
        wider = replace(wider, week_days=frozenset({(0, week_day(rule.anchor))}))
    if coarser == "YEARLY":
        wider = replace(wider, months=frozenset({rule.anchor.month}))
    return _coarsest(wider)


def _unchosen_times(rule: Rule) -> bool:
    return not (rule.minutes or rule.hours)


_COARSENS: Mapping[str, Callable[[Rule], bool]] = {
    "MINUTELY": _unchosen_times,
    "HOURLY": lambda rule: _unchosen_times(rule) and rule.plain_days,
    "DAILY": lambda rule: rule.plain_days and rule.anchored,
    "MONTHLY": lambda rule: rule.anchored and not rule.months,
}
"""By frequency: whether no part chooses within the periods that are left out."""


def _uneven(rule: Rule, frequency: str, size: int) -> bool:
    return rule.frequency == frequency and size % rule.interval != 0


def _beat(rule: Rule, zone: str) -> tuple[Rate, datetime]:
    """What fires at equal distances, from the first time on."""
    what = f"FREQ={rule.frequency};INTERVAL={rule.interval}"
    if not rule.anchored:
        raise ValueError(f"{what} counts from DTSTART: add one")
    first = _FIRST[rule.frequency](rule)
    if not never_shifts(zone, rule.anchor.year):
        raise ValueError(
            f"{what} is a beat that cron cannot express, and {zone} shifts its clocks: use timezone: UTC, or "
            "a rule that fires at the same times each day, week, month or year"
        )
    return Rate(rule.interval * _SECONDS[rule.frequency]), first


def _first_of_plain(rule: Rule) -> datetime:
    if not rule.plain_days or rule.minutes or rule.hours:
        raise ValueError(
            f"FREQ={rule.frequency};INTERVAL={rule.interval} with BY… parts is no steady beat: cron cannot "
            "count periods"
        )
    return rule.anchor


def _first_of_days(rule: Rule) -> datetime:
    """Every n days, at one time of the day."""
    if not rule.plain_days:
        raise ValueError(
            f"every {rule.interval} days, of which BY… parts leave some out: cron cannot count days"
        )
    at = _at_one_time(rule)
    return at if at >= rule.anchor else at + timedelta(days=rule.interval)


def _first_of_weeks(rule: Rule) -> datetime:
    """Every n weeks, on one day, at one time."""
    days = rule.week_days or {(0, week_day(rule.anchor))}
    if rule.months or rule.month_days or len(days) != 1 or next(iter(days))[0]:
        raise ValueError(
            f"every {rule.interval} weeks is a steady beat on one day of the week only: write more schedules"
        )
    ((_, day),) = days
    offset = (day - rule.week_start) % 7 - (week_day(rule.anchor) - rule.week_start) % 7
    at = _at_one_time(rule) + timedelta(days=offset)
    return at if at >= rule.anchor else at + timedelta(weeks=rule.interval)


def _at_one_time(rule: Rule) -> datetime:
    hours, minutes = rule.hours or {rule.anchor.hour}, rule.minutes or {rule.anchor.minute}
    if len(hours) * len(minutes) != 1:
        raise ValueError("a steady beat has one time of the day: write more schedules")
    return rule.anchor.replace(hour=next(iter(hours)), minute=next(iter(minutes)))


_FIRST: Mapping[str, Callable[[Rule], datetime]] = {
    "MINUTELY": _first_of_plain,
    "HOURLY": _first_of_plain,
    "DAILY": _first_of_days,
    "WEEKLY": _first_of_weeks,
}


def _table(rule: Rule) -> Cron:
    every_minute = rule.frequency == "MINUTELY"
    every_hour = rule.frequency in ("MINUTELY", "HOURLY")
    minutes = rule.minutes or (_ANY_MINUTE if every_minute else frozenset({rule.anchor.minute}))
    hours = rule.hours or (_ANY_HOUR if every_hour else frozenset({rule.anchor.hour}))
    if every_minute:
        minutes = _in_step(minutes, rule.anchor.minute, rule.interval)
    if rule.frequency == "HOURLY":
        hours = _in_step(hours, rule.anchor.hour, rule.interval)
    return Cron(
        minutes=minutes,
        hours=hours,
        days=rule.picked or _days(rule),
        months=_months(rule),
        years=_years(rule),
    )


def _in_step(numbers: frozenset[int], first: int, step: int) -> frozenset[int]:
    found = frozenset(number for number in numbers if (number - first) % step == 0)
    if not found:
        raise ValueError("can never fire: INTERVAL and the BY… parts never meet")
    return found


def _months(rule: Rule) -> frozenset[int]:
    """A year's rule without any day is DTSTART's day and month."""
    months = rule.months
    if rule.frequency == "YEARLY" and rule.plain_days:
        months = frozenset({_anchored(rule, "month of the year", "BYMONTH").month})
    if rule.frequency != "MONTHLY" or rule.interval == 1:
        return months or _ANY_MONTH
    if len(_ANY_MONTH) % rule.interval:
        raise ValueError(
            f"every {rule.interval} months falls on other months each year: cron cannot count months"
        )
    anchor = _anchored(rule, "first month", "BYMONTH in place of INTERVAL")
    return _in_step(months or _ANY_MONTH, anchor.month, rule.interval)


def _years(rule: Rule) -> frozenset[int]:
    if rule.frequency != "YEARLY" or rule.interval == 1:
        return EVERY_YEAR
    first = _anchored(rule, "first year", "a DTSTART").year
    return frozenset(range(first, LAST_YEAR + 1, rule.interval))


def _days(rule: Rule) -> Days:
    if rule.month_days and rule.week_days:
        return _both(rule)
    if rule.month_days:
        return _month_days(rule)
    if rule.week_days:
        return _week_days(rule)
    if rule.frequency == "WEEKLY":
        return WeekDays(frozenset({week_day(_anchored(rule, "day of the week", "BYDAY"))}))
    if rule.frequency in ("MONTHLY", "YEARLY"):
        return MonthDays(frozenset({_anchored(rule, "day of the month", "BYMONTHDAY").day}))
    return EveryDay()


def _both(rule: Rule) -> Days:
    """A Monday that is a day 1 to 7 is a first Monday; of other days that match both AWS has no word."""
    nth, (first, *others) = _WEEKS_OF_MONTH.get(rule.month_days), sorted(rule.week_days)
    if nth is None or others or first[0] or rule.frequency == "WEEKLY":
        raise ValueError(
            "BYMONTHDAY and BYDAY together mean days that match both, which AWS's cron cannot express"
        )
    return LastWeekDay(first[1]) if nth < 0 else NthWeekDay(first[1], nth)


def _anchored(rule: Rule, what: str, part: str) -> datetime:
    if not rule.anchored:
        raise ValueError(f"says no {what}: add {part}, or a DTSTART")
    return rule.anchor


def _month_days(rule: Rule) -> Days:
    if rule.frequency == "WEEKLY":
        raise ValueError("BYMONTHDAY does not go with FREQ=WEEKLY (RFC 5545)")
    if rule.month_days == {-1}:
        return LastDay()
    if min(rule.month_days) < 0:
        raise ValueError(
            "of days counted from the end of a month AWS's cron knows the last alone: BYMONTHDAY=-1"
        )
    return MonthDays(rule.month_days)


def _week_days(rule: Rule) -> Days:
    numbered = {each for each in rule.week_days if each[0]}
    if not numbered:
        days = frozenset(day for _, day in rule.week_days)
        return EveryDay() if len(days) == 7 else WeekDays(days)
    in_months = rule.frequency == "MONTHLY" or (rule.frequency == "YEARLY" and rule.months)
    if not in_months:
        raise ValueError(
            "a numbered BYDAY counts within a month: use FREQ=MONTHLY, or BYMONTH with FREQ=YEARLY"
        )
    if len(rule.week_days) > 1:
        raise ValueError("AWS's cron takes one numbered day of the week: write more schedules")
    ((nth, day),) = rule.week_days
    if nth == -1:
        return LastWeekDay(day)
    if not 1 <= nth <= 5:
        raise ValueError(f"BYDAY with {nth}: AWS's cron counts the first to fifth, and the last (-1)")
    return NthWeekDay(day, nth)
