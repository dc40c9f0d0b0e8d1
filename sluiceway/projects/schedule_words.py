"""Small words of `schedule:`: rates and local times."""

import re
from datetime import date, datetime
from typing import Any

from sluiceway.projects.schedule_fields import FIRST_YEAR, LAST_YEAR

_RATE = re.compile(r"(\d{1,7})\s+(minute|hour|day)(s?)", re.ASCII | re.IGNORECASE)
_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2}))?", re.ASCII)
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_LONGEST_RATE = 3660 * 86400
"""seconds; ten years"""


def read_rate(text: str) -> int:
    """Seconds of a rate such as `5 minutes`; AWS wants `1 minute`, `2 minutes`."""
    match = _RATE.fullmatch(_inside(text, "rate"))
    if not match or int(match[1]) == 0:
        raise ValueError(f"{text[:40]!a} is not a rate such as 5 minutes, 1 hour or 2 days")
    number, unit, plural = int(match[1]), match[2].lower(), bool(match[3])
    if plural != (number != 1):
        raise ValueError(f"AWS wants the singular for 1 alone: {number} {unit}{'' if number == 1 else 's'}")
    if number * _SECONDS[unit] > _LONGEST_RATE:
        raise ValueError(f"{text[:40]!a} is longer than ten years")
    return number * _SECONDS[unit]


def read_local(text: str) -> datetime:
    """A local time such as `2026-12-24T18:00`, without a zone."""
    match = _LOCAL.fullmatch(_inside(text, "at"))
    try:
        local = datetime.fromisoformat(f"{match[1]}T{match[2]}:{match[3] or '00'}") if match else None
    except ValueError as error:
        raise ValueError(f"{text[:40]!a} is no date and time: {error}") from error
    if local is None:
        raise ValueError(f"{text[:40]!a} is not a local time such as 2026-12-24T18:00: timezone: says whose")
    if not FIRST_YEAR < local.year < LAST_YEAR:
        raise ValueError(f"the year {local.year} is not one from {FIRST_YEAR + 1} to {LAST_YEAR - 1}")
    return local


def _inside(text: str, word: str) -> str:
    """What AWS would write between `rate(` or `at(` and the closing parenthesis; the text itself without."""
    written = re.fullmatch(rf"{word}\((.*)\)", text.strip(), re.IGNORECASE)
    return (written[1] if written else text).strip()


def local_text(value: Any) -> Any:
    """YAML reads `2026-12-24T18:00:00` as a time of its own kind."""
    if isinstance(value, datetime):
        if value.tzinfo:
            raise ValueError("is a local time: leave the offset out, timezone: says whose it is")
        if value.microsecond:
            raise ValueError("is a time in whole seconds")
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        raise ValueError(f"{value} is a day: add a time, as in {value}T18:00")  # noqa: TRY004 - pydantic's
    return value
