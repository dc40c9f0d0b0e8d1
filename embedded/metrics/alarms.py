"""How an alarm gets its state: M out of N periods, and what stands for missing ones.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_FURTHER_PERIODS = 2
"""AWS looks at more periods than it evaluates, for when some are missing."""

_TESTS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
OPERATORS = frozenset(_TESTS)


@dataclass(frozen=True)
class Rule:
    """What an alarm asks of its metric."""

    period: int
    periods: int
    to_alarm: int
    operator: str
    threshold: float
    missing: str

    @staticmethod
    def of(alarm: Mapping[str, Any], period: int) -> "Rule":
        """An alarm's own."""
        periods = int(alarm.get("EvaluationPeriods") or 1)
        return Rule(
            period=period,
            periods=periods,
            to_alarm=int(alarm.get("DatapointsToAlarm") or periods),
            operator=str(alarm.get("ComparisonOperator")),
            threshold=float(alarm.get("Threshold") or 0),
            missing=alarm.get("TreatMissingData") or "missing",
        )

    def moments(self, now: float) -> list[int]:
        """The starts of the periods to look at, newest first.

        The current period counts already where more can only bring it over; AWS waits for its end.
        """
        current = int(now // self.period) * self.period
        newest = current if self.operator.startswith("Greater") else current - self.period
        return [newest - back * self.period for back in range(self.periods + _FURTHER_PERIODS)]

    def breaches(self, value: float) -> bool:
        """Whether a value is over the threshold."""
        return _TESTS[self.operator][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """A state, or None to stay as it is, and the reason."""

    state: str | None
    reason: str


def judge(rule: Rule, points: Sequence[tuple[int, float] | None]) -> Verdict:
    """The state for the points of the periods looked at, newest first; None where one is missing."""
    real = [point for point in points if point is not None][: rule.periods]
    breaching = [point for point in real if rule.breaches(point[1])]
    lacking = rule.periods - len(real)
    if not lacking or not real:
        return _of_known(rule, real, breaching) if real else _of_nothing(rule)
    filled = len(breaching) + (lacking if rule.missing == "breaching" else 0)
    if filled >= rule.to_alarm:
        return Verdict("ALARM", _crossed(rule, real, breaching))
    if rule.missing in {"missing", "ignore"} and len(breaching) == len(real):
        return Verdict("ALARM" if rule.missing == "missing" else None, _crossed(rule, real, breaching))
    return Verdict("OK", _crossed(rule, real, breaching))


def _of_known(rule: Rule, real: Sequence[tuple[int, float]], breaching: Sequence[Any]) -> Verdict:
    state = "ALARM" if len(breaching) >= rule.to_alarm else "OK"
    return Verdict(state, _crossed(rule, real, breaching))


def _of_nothing(rule: Rule) -> Verdict:
    states = {"missing": "INSUFFICIENT_DATA", "ignore": None, "breaching": "ALARM", "notBreaching": "OK"}
    state = states[rule.missing]
    if rule.missing == "missing":
        return Verdict(state, f"Insufficient Data: {rule.periods} datapoints were unknown.")
    treated = "Breaching" if rule.missing == "breaching" else "NonBreaching"
    reason = f"Threshold Crossed: no datapoints were received for {rule.periods} periods and "
    return Verdict(state, f"{reason}{rule.periods} missing datapoints were treated as [{treated}].")


def _crossed(rule: Rule, real: Sequence[tuple[int, float]], breaching: Sequence[Any]) -> str:
    is_alarm = len(breaching) >= rule.to_alarm or len(breaching) == len(real)
    shown = ", ".join(f"{value} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})" for at, value in real)
    counted = len(breaching) if is_alarm else len(real)
    many = "datapoints" if len(real) > 1 else "datapoint"
    verb = ("was" if len(real) == 1 else "were") + ("" if is_alarm else " not")
    needed = f"minimum {rule.to_alarm} datapoint{'s' if rule.to_alarm > 1 else ''}"
    return (
        f"Threshold Crossed: {counted} out of the last {rule.periods} {many} "
        f"[{shown}] {verb} {_TESTS[rule.operator][1]} the threshold ({rule.threshold}) "
        f"({needed} for OK -> ALARM transition)."
    )
