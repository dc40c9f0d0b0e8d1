"""BYSETPOS of recurrence rules, where AWS's cron has a word for the day that it picks from a month.

FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1       LW: the last working day
FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1     L: the last day
FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2                    3#2: the second Tuesday
"""

import re

from sluiceway.projects.schedule_days import (
    Days,
    LastDay,
    LastWeekDay,
    MonthDays,
    NearestWeekday,
    NthWeekDay,
)
from sluiceway.projects.schedule_rrule_terms import Rule

_SHORTEST = 28
"""days of a February"""
_WORKING = frozenset(range(2, 7))
"""Monday to Friday, of AWS's week"""
_WEEK = frozenset(range(1, 8))
_REASON = "BYSETPOS={} picks from {}, which cron cannot: name the day, as in BYDAY=-1FR or BYMONTHDAY=-1"


def picked_days(rule: Rule, position: str) -> Days:
    """The day that BYSETPOS picks from each month; ValueError says why cron has no word for it."""
    number = re.fullmatch(r"[+-]?[1-9]\d{0,2}", position, re.ASCII)
    if number is None:
        raise ValueError(_REASON.format(position[:20], "each period by several positions, or by none"))
    if not _picks_of_months(rule):
        raise ValueError(_REASON.format(position, "other periods than months, or of several times of a day"))
    found = _of_numbers(rule, int(position)) if rule.month_days else _of_week(rule, int(position))
    if found is None:
        raise ValueError(_REASON.format(position, "these days of a month"))
    return found


def _picks_of_months(rule: Rule) -> bool:
    """Whether the set that is picked from is some days of one month, each at one time."""
    monthly = rule.frequency == "MONTHLY" or (rule.frequency == "YEARLY" and len(rule.months) == 1)
    return monthly and len(rule.hours) < 2 and len(rule.minutes) < 2


def _of_numbers(rule: Rule, position: int) -> Days | None:
    """Of days of the month, all of which are there in February, or the last of those that are there."""
    days = sorted(rule.month_days)
    if rule.week_days or days[0] < 1:
        return None
    if position == -1 and set(range(_SHORTEST, 32)) <= rule.month_days:
        return LastDay()
    certain = days if days[-1] <= _SHORTEST else [day for day in days if day <= _SHORTEST and position > 0]
    index = position - 1 if position > 0 else position
    return MonthDays(frozenset({certain[index]})) if -len(certain) <= index < len(certain) else None


def _of_week(rule: Rule, position: int) -> Days | None:
    """Of days of the week: of one, of the five working days, or of all."""
    days = frozenset(day for _, day in rule.week_days)
    if any(nth for nth, _ in rule.week_days) or not days:
        return None
    if len(days) == 1:
        return _nth_of(next(iter(days)), position)
    if days == _WORKING and position in (1, -1):
        return NearestWeekday(1 if position == 1 else None)
    return _nth_day(position) if days == _WEEK else None


def _nth_of(day: int, position: int) -> Days | None:
    if position == -1:
        return LastWeekDay(day)
    return NthWeekDay(day, position) if 1 <= position <= 5 else None


def _nth_day(position: int) -> Days | None:
    if position == -1:
        return LastDay()
    return MonthDays(frozenset({position})) if 1 <= position <= 31 else None
