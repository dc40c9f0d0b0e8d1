"""How far to scale: target tracking and step scaling as arithmetic.

Sources: "Target tracking scaling policies" and "Step scaling policies" of the Application Auto Scaling guide.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

HIGH_POINTS, LOW_POINTS = 3, 15
"""Minutes in a row above the target before scaling out, and below nine tenths of it before scaling in."""

_LOW = 0.9


def tracked(points: Sequence[float], target: float, capacity: int, *, scales_in: bool = True) -> int:
    """The capacity that brings a metric to its target; the present one while the metric does not say so.

    `points` are the values of the last whole minutes, newest last.
    """
    if _all(points, HIGH_POINTS, lambda value: value > target):
        # From nothing a metric for each instance counts as that of one.
        return max(capacity + 1, ceil(max(capacity, 1) * points[-1] / target))
    if scales_in and _all(points, LOW_POINTS, lambda value: value < _LOW * target):
        return min(capacity, ceil(capacity * points[-1] / target))
    return capacity


def stepped(config: Mapping[str, Any], breach: float, capacity: int) -> int:
    """The capacity after the step that a breach falls into; `breach` is the metric less the threshold."""
    step = next((each for each in config.get("StepAdjustments", []) if _holds(each, breach)), None)
    if step is None:
        return capacity
    amount: int = step["ScalingAdjustment"]
    return max(0, _ADJUSTMENTS[config["AdjustmentType"]](capacity, amount, config))


def _change(capacity: int, amount: int, _config: Mapping[str, Any]) -> int:
    return capacity + amount


def _exact(_capacity: int, amount: int, _config: Mapping[str, Any]) -> int:
    return amount


def _percent(capacity: int, amount: int, config: Mapping[str, Any]) -> int:
    change = capacity * amount / 100
    # Rounded towards zero, but for what lies between 0 and 1, which is one instance.
    whole = floor(abs(change)) or (1 if change else 0)
    size = max(whole, config.get("MinAdjustmentMagnitude", 0) if amount else 0)
    return capacity + (size if amount > 0 else -size)


_ADJUSTMENTS = {
    "ChangeInCapacity": _change,
    "ExactCapacity": _exact,
    "PercentChangeInCapacity": _percent,
}


def _holds(step: Mapping[str, Any], breach: float) -> bool:
    """Bounds of steps include the one nearer to the threshold."""
    lower, upper = step.get("MetricIntervalLowerBound"), step.get("MetricIntervalUpperBound")
    if breach >= 0:
        return (lower is None or breach >= lower) and (upper is None or breach < upper)
    return (lower is None or breach > lower) and (upper is None or breach <= upper)


def _all(points: Sequence[float], count: int, holds: Any) -> bool:
    last = points[-count:]
    return len(last) == count and all(holds(value) for value in last)
