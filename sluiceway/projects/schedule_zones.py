"""Time zones of schedules: names of the IANA database, and what their clocks do."""

import re
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_LONGEST = 50
"""characters of a time zone of EventBridge Scheduler"""
_NOWHERE = frozenset({"Factory", "localtime", "posixrules"})
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.ASCII | re.IGNORECASE)
_PROBED_YEARS, _PROBED_DAYS = 12, 7


@cache
def zones() -> frozenset[str]:
    """All names, such as `Europe/Berlin`."""
    return frozenset(available_timezones()) - _NOWHERE


def check_zone(name: str) -> str:
    """The name, when there is such a zone; ValueError with names that are near otherwise."""
    if len(name) <= _LONGEST and name in zones():
        return name
    near = _near(name[:_LONGEST])
    hint = f"did you mean {' or '.join(near)}?" if near else "for example Europe/Berlin or UTC"
    hint = _of_offset(name[:_LONGEST]) or hint
    raise ValueError(f"{name[:_LONGEST]!a} is no time zone of the IANA database: {hint}")


def _near(name: str) -> list[str]:
    """By the whole name, or by the city alone; whatever the case."""
    wanted = name.strip().replace(" ", "_").lower()
    known = {zone.lower(): zone for zone in sorted(zones())}
    cities = {zone.lower().rpartition("/")[2]: zone for zone in sorted(zones(), reverse=True)}
    exact = [found for found in (known.get(wanted), cities.get(wanted)) if found]
    close = [known[each] for each in get_close_matches(wanted, known, n=3, cutoff=0.75)]
    close += [cities[each] for each in get_close_matches(wanted, cities, n=2, cutoff=0.8)]
    return list(dict.fromkeys(exact or close))[:3]


def _of_offset(name: str) -> str | None:
    """Of `UTC+2` and the like: the database has such zones, and counts them the other way round."""
    match = _OFFSET.fullmatch(name.strip())
    if match is None:
        return None
    zone = f"Etc/GMT{'-' if match[1] == '+' else '+'}{int(match[2])}"
    if match[3] in (None, "00") and zone in zones():
        return f"{zone} is the zone of UTC{match[1]}{int(match[2])} (POSIX turns the sign round)"
    return "name a place, such as Europe/Berlin"


def to_utc(local: datetime, zone: str) -> datetime:
    """The moment at which the zone's clocks first show this time."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def to_local(moment: datetime, zone: str) -> datetime:
    """What the zone's clocks show, without a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def is_skipped(local: datetime, zone: str) -> bool:
    """Whether the zone's clocks jump over this time."""
    return to_local(to_utc(local, zone), zone) != local


@cache
def never_shifts(zone: str, since: int) -> bool:
    """Whether the zone's clocks are neither put forward nor back from the year `since` on."""
    first = datetime(since, 1, 1, tzinfo=UTC)
    probes = (first + timedelta(days=days) for days in range(0, 365 * _PROBED_YEARS, _PROBED_DAYS))
    return len({probe.astimezone(ZoneInfo(zone)).utcoffset() for probe in probes}) == 1
