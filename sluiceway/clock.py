"""The time, as the ledger writes it: UTC, to the millisecond, in an order that text comparison keeps."""

from datetime import UTC, datetime


def utc_now() -> str:
    """For example `2026-11-21T12:34:56.789Z`."""
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    """A moment in the ledger's form; later moments sort after earlier ones as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
