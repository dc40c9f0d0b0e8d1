"""Recurrence rules of iCalendar (RFC 5545), where EventBridge Scheduler can express them exactly.

    DTSTART;TZID=Europe/Berlin:20260105T060000
    RRULE:FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=6,18;BYMINUTE=30

A rule alone will do: `FREQ=WEEKLY;BYDAY=MO`. What a rule takes from DTSTART must then follow from the rule;
the time of day is midnight, as if DTSTART were one. Local times are compared: a rule is one of wall clocks.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from sluiceway.projects.schedule_cron import Cron
from sluiceway.projects.schedule_days import WEEK
from sluiceway.projects.schedule_fields import (
    FIRST_YEAR,
    HOUR,
    LAST_YEAR,
    MINUTE,
    MONTH,
    MONTH_DAY,
    Field,
    number_of,
)
from sluiceway.projects.schedule_moments import MINUTE as A_MINUTE
from sluiceway.projects.schedule_moments import Moments
from sluiceway.projects.schedule_rrule_positions import picked_days
from sluiceway.projects.schedule_rrule_terms import Rule, to_when
from sluiceway.projects.schedule_zones import check_zone, to_local, to_utc

_MOST_COUNTED = 10_000
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?", re.ASCII)
_ANCHOR = datetime(2020, 1, 1)  # noqa: DTZ001 - a local time
_FREQUENCIES = ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_REFUSED = {
    "BYWEEKNO": "numbers the weeks of a year, which cron cannot",
    "BYYEARDAY": "numbers the days of a year, which cron cannot",
    "BYEASTER": "is no part of RFC 5545",
}
_KNOWN = (
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST",
    "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSECOND", "BYSETPOS",
)  # fmt: skip


@dataclass(frozen=True)
class _Start:
    """DTSTART: a local time, and the zone that it names."""

    local: datetime
    zone: str | None = None


def read_rrule(text: str, *, timezone: str | None = None, jitter: int = 0) -> Moments:
    """The moments of a rule; ValueError says why there is none that is exactly the same."""
    rule_text, start_text = _lines(text)
    start = _start(start_text) if start_text else None
    zone = _zone(start, timezone)
    parts = _parts(rule_text)
    rule = _rule(parts, start.local if start else None)
    when, first = to_when(rule, zone)
    moments = Moments(when=when, timezone=zone, start=to_utc(first, zone) if first else None, jitter=jitter)
    return _ended(moments, parts, has_start=start is not None)


def _lines(text: str) -> tuple[str, str | None]:
    """The rule, and DTSTART where it is given."""
    found: dict[str, list[str]] = {}
    for line in text.strip().splitlines():
        name, colon, value = line.strip().partition(":")
        key = name.partition(";")[0].upper() if colon else "RRULE"
        found.setdefault(key, []).append(line.strip() if key == "DTSTART" else value or name)
    for name in found.keys() - {"RRULE", "DTSTART"}:
        raise ValueError(f"{name[:40]!a} is not understood: a rule and a DTSTART are")
    if len(found.get("RRULE", [])) != 1 or len(found.get("DTSTART", [])) > 1:
        raise ValueError(
            "needs exactly one rule, and at most one DTSTART: write more schedules for more rules"
        )
    return found["RRULE"][0], found.get("DTSTART", [None])[0]


def _start(line: str) -> _Start:
    name, _, value = line.partition(":")
    zone = None
    for parameter in name.split(";")[1:]:
        key, _, given = parameter.partition("=")
        if key.upper() == "TZID":
            zone = check_zone(given.strip('"'))
    moment, is_utc = _moment("DTSTART", value)
    if moment.second:
        raise ValueError("DTSTART: schedules fire on whole minutes")
    return _Start(moment, "UTC" if is_utc else zone)


def _zone(start: _Start | None, timezone: str | None) -> str:
    own = start.zone if start else None
    if own and timezone and own != timezone:
        raise ValueError(f"DTSTART is in {own}, timezone: says {timezone}: leave one of them out")
    return own or timezone or "UTC"


def _moment(name: str, text: str) -> tuple[datetime, bool]:
    """A local time, or a moment in UTC."""
    match = _MOMENT.fullmatch(text.strip().upper())
    try:
        numbers = [int(part or 0) for part in match.groups()[:6]] if match else []
        moment = datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - a local time
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} {text[:40]!a} is not of the form 20261224T180000") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"{name}: the year {moment.year} is not one from {FIRST_YEAR} to {LAST_YEAR}")
    return moment, bool(match and match[7])


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().strip(";").split(";"):
        name, _, value = (piece.strip().upper() for piece in part.partition("="))
        if name in _REFUSED:
            raise ValueError(f"{name} {_REFUSED[name]}")
        if name not in _KNOWN or not value or name in parts:
            raise ValueError(f"{part[:60]!a} is no part of a rule, or stands there twice")
        parts[name] = value
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError(f"FREQ={parts.get('FREQ')} is not one of {', '.join(_FREQUENCIES)}")
    if parts.get("BYSECOND", "0") not in ("0", "00"):
        raise ValueError("BYSECOND: schedules fire on whole minutes")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("COUNT and UNTIL exclude each other")
    return parts


def _rule(parts: dict[str, str], start: datetime | None) -> Rule:
    rule = _plain_rule(parts, start)
    position = parts.get("BYSETPOS")
    return rule if position is None else replace(rule, picked=picked_days(rule, position))


def _plain_rule(parts: dict[str, str], start: datetime | None) -> Rule:
    return Rule(
        frequency=parts["FREQ"],
        interval=_positive(parts.get("INTERVAL", "1"), "INTERVAL"),
        minutes=_numbers(parts.get("BYMINUTE"), MINUTE),
        hours=_numbers(parts.get("BYHOUR"), HOUR),
        months=_numbers(parts.get("BYMONTH"), MONTH),
        month_days=frozenset(_month_day(each) for each in _listed(parts.get("BYMONTHDAY"))),
        week_days=frozenset(_week_day(each) for each in _listed(parts.get("BYDAY"))),
        week_start=_week_day(parts.get("WKST", "MO"))[1],
        anchor=start or _ANCHOR,
        anchored=start is not None,
    )


def _listed(text: str | None) -> list[str]:
    return text.split(",") if text else []


def _numbers(text: str | None, field: Field) -> frozenset[int]:
    return frozenset(_number(each.strip(), field) for each in _listed(text))


def _number(text: str, field: Field) -> int:
    """Names are cron's, not RFC 5545's."""
    if number_of(text) is None:
        raise ValueError(f"{text[:20]!a} is no {field.name}")
    return field.number(text)


def _month_day(text: str) -> int:
    match = re.fullmatch(r"([+-]?)(\d{1,2})", text.strip(), re.ASCII)
    if not match:
        raise ValueError(f"BYMONTHDAY {text[:20]!a} is not a day such as 15 or -1")
    return (-1 if match[1] == "-" else 1) * MONTH_DAY.number(match[2])


def _week_day(text: str) -> tuple[int, int]:
    """`2MO` is (2, 2): the second, day 2 of AWS's week; without a number the first is 0."""
    match = re.fullmatch(r"([+-]?[1-9]\d?)?(SU|MO|TU|WE|TH|FR|SA)", text.strip(), re.ASCII)
    if not match:
        raise ValueError(f"BYDAY {text[:20]!a} is not a day such as MO, 2TU or -1FR")
    return int(match[1] or 0), next(number for number, day in enumerate(WEEK, 1) if day.startswith(match[2]))


def _positive(text: str, name: str) -> int:
    found = number_of(text)
    if not found:
        raise ValueError(f"{name}={text[:20]!a} is not a positive number")
    return found


def _ended(moments: Moments, parts: dict[str, str], *, has_start: bool) -> Moments:
    """UNTIL and COUNT as an end date: the moment of the last occurrence."""
    if "UNTIL" in parts:
        until, is_utc = _moment("UNTIL", parts["UNTIL"])
        end = until.replace(tzinfo=UTC) if is_utc else to_utc(until, moments.timezone)
        return replace(moments, end=end.replace(second=0))
    if "COUNT" not in parts:
        return moments
    number = _positive(parts["COUNT"], "COUNT")
    if not has_start:
        raise ValueError("COUNT counts from DTSTART: add one, or use UNTIL")
    if number > _MOST_COUNTED:
        raise ValueError(f"COUNT is over {_MOST_COUNTED}: use UNTIL")
    return replace(moments, end=_nth(moments, number))


def _nth(moments: Moments, number: int) -> datetime:
    """The n-th occurrence, as the rule counts them: also those that the clocks skip."""
    if not isinstance(moments.when, Cron) or moments.start is None:
        found = moments.after(datetime.min.replace(tzinfo=UTC))
        return next(islice(found, number - 1, None))
    first = to_local(moments.start, moments.timezone) - A_MINUTE
    local = next(islice(moments.when.after(first), number - 1, None), None)
    if local is None:
        raise ValueError(f"COUNT={number} reaches beyond the year 2199")
    return to_utc(local, moments.timezone)
