"""The tables of the user guide: what state an alarm gets from its periods, some of them missing."""

import pytest

from embedded.metrics.alarms import Rule, judge

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def _rule(missing: str, to_alarm: int = 3, *, operator: str = "GreaterThanThreshold") -> Rule:
    return Rule(60, 3, to_alarm, operator, 0.5, missing)


def _states(drawn: str, to_alarm: int) -> list[str | None]:
    """`0` is fine, `X` breaches, `-` is missing; the oldest first, as in the user guide."""
    values = {"0": 0.0, "X": 1.0}
    marks = reversed(drawn.split())
    points = [(at, values[mark]) if mark in values else None for at, mark in enumerate(marks)]
    return [judge(_rule(missing, to_alarm), points).state for missing in TREATMENTS]


@pytest.mark.parametrize(
    ("drawn", "to_alarm", "expected"),
    [
        ("0 - X - X", 3, ["OK", "OK", "OK", "OK"]),
        ("- - - - 0", 3, ["OK", "OK", "OK", "OK"]),
        ("- - - - -", 3, ["INSUFFICIENT_DATA", None, "ALARM", "OK"]),
        ("0 X X - X", 3, ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("- - X - -", 3, ["ALARM", None, "ALARM", "OK"]),
        ("0 - X - X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("0 0 X 0 X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("0 - X - -", 2, ["OK", "OK", "ALARM", "OK"]),
        ("- - - - 0", 2, ["OK", "OK", "ALARM", "OK"]),
        ("- - - X -", 2, ["ALARM", None, "ALARM", "OK"]),
    ],
)
def test_a_state_is_as_in_the_user_guide(drawn: str, to_alarm: int, expected: list[str | None]) -> None:
    """For each way of treating missing data; None keeps the state."""
    assert _states(drawn, to_alarm) == expected


def test_more_periods_are_looked_at_than_evaluated() -> None:
    """So that some may be missing."""
    assert _rule("missing").moments(now=605) == [600, 540, 480, 420, 360]


def test_a_period_that_is_not_over_never_counts_as_too_low() -> None:
    """Its sum may still grow."""
    assert _rule("missing", operator="LessThanThreshold").moments(now=605)[0] == 540


def test_a_reason_says_what_was_seen() -> None:
    """In AWS's words."""
    rule = Rule(60, 1, 1, "GreaterThanOrEqualToThreshold", 1.0, "notBreaching")
    assert judge(rule, [(0, 5.0), None, None]).reason == (
        "Threshold Crossed: 1 out of the last 1 datapoint [5.0 (01/01/70 00:00:00)] "
        "was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
