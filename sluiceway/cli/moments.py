"""Moments as people give them to `--since`."""

import re
from datetime import UTC, datetime, timedelta

import typer

from sluiceway.clock import timestamp

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime | None = None) -> str:
    """Read `90s`, `15m`, `2h`, `3d`, `1w` (ago), a date, or an ISO 8601 time; without a zone it is UTC."""
    ago = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip(), re.ASCII)
    try:
        if ago:
            return timestamp((now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
        given = datetime.fromisoformat(text.strip())
        return timestamp(given if given.tzinfo else given.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is no moment: give how long ago (15m, 2h, 3d), a date (2026-11-20) or a time "
            "(2026-11-20T12:00, 2026-11-20T12:00:00+01:00)"
        ) from None
