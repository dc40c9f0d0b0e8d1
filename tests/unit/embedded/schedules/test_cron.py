"""AWS's dialect of cron, without zones."""

from datetime import datetime
from itertools import islice

import pytest

from embedded.schedules import cron

START = datetime.fromisoformat("2026-01-01")


def _first(text: str, number: int = 3) -> list[str]:
    return [f"{found:%Y-%m-%d %H:%M}" for found in islice(cron.parse(text).after(START), number)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0/20 9 * * ? *", ["2026-01-01 09:00", "2026-01-01 09:20", "2026-01-01 09:40"]),
        ("5,10 8-9 1 * ? *", ["2026-01-01 08:05", "2026-01-01 08:10", "2026-01-01 09:05"]),
        ("0 0 L * ? *", ["2026-01-31 00:00", "2026-02-28 00:00", "2026-03-31 00:00"]),
        ("0 0 LW * ? *", ["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-31 00:00"]),
        ("0 0 1W * ? *", ["2026-02-02 00:00", "2026-03-02 00:00", "2026-04-01 00:00"]),
        ("0 0 31W * ? *", ["2026-01-30 00:00", "2026-03-31 00:00", "2026-05-29 00:00"]),
        ("0 0 15W MAR-APR ? *", ["2026-03-16 00:00", "2026-04-15 00:00", "2027-03-15 00:00"]),
        ("0 8 ? * MON-FRI *", ["2026-01-01 08:00", "2026-01-02 08:00", "2026-01-05 08:00"]),
        ("0 8 ? * 3#2 *", ["2026-01-13 08:00", "2026-02-10 08:00", "2026-03-10 08:00"]),
        ("0 8 ? * 6L *", ["2026-01-30 08:00", "2026-02-27 08:00", "2026-03-27 08:00"]),
        ("0 8 ? * L *", ["2026-01-03 08:00", "2026-01-10 08:00", "2026-01-17 08:00"]),
        ("0 0 29 2 ? *", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("0 0 1 1 ? 2027/2", ["2027-01-01 00:00", "2029-01-01 00:00", "2031-01-01 00:00"]),
        ("0 0 1 1 ? 2025", []),
        ("0 0 30 FEB ? *", []),
    ],
)
def test_an_expression_fires_when_aws_says(text: str, expected: list[str]) -> None:
    """Every field and wildcard of the table in the user guide."""
    assert _first(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0 0 * * *", "0 0 * * * *", "0 0 ? * ? *", "60 0 * * ? *", "0 24 * * ? *", "0 0 0 * ? *",
        "0 0 32 * ? *", "0 0 * 13 ? *", "0 0 ? * 8 *", "0 0 ? * 0 *", "0 0 ? * 2#6 *", "0 0 ? * MOO *",
        "0 0 * * ? 1969", "0 0 * * ? 2200", "*/0 0 * * ? *", "10-5 0 * * ? *", "1,,2 0 * * ? *",
        "? 0 * * ? *", "-1 0 * * ? *", "1.5 0 * * ? *", "0 0 W * ? *", "0 0 L-3 * ? *", "² 0 * * ? *",
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused(text: str) -> None:
    """A field that cannot be read is never taken for `*`."""
    with pytest.raises(cron.InvalidExpression):
        cron.parse(text)
