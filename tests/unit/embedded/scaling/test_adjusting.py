"""How far to scale is arithmetic on what the metric was."""

from typing import Any

import pytest

from embedded.scaling.adjusting import stepped, tracked


@pytest.mark.parametrize(
    ("points", "capacity", "expected"),
    [
        ([5, 5], 2, 2),
        ([20, 20, 20], 2, 4),
        ([20, 20, 9], 2, 2),
        ([20, 20, 11], 2, 3),
        ([15, 15, 15], 0, 2),
        ([5] * 14, 4, 4),
        ([5] * 15, 4, 2),
        ([9.5] * 15, 4, 4),
        ([0] * 15, 4, 0),
    ],
)
def test_a_target_is_tracked(points: list[float], capacity: int, expected: int) -> None:
    """Out after three minutes above 10, in after fifteen below 9; in proportion, out by one at least."""
    assert tracked(points, 10.0, capacity) == expected


def test_scaling_in_can_be_off() -> None:
    """DisableScaleIn."""
    assert tracked([0.0] * 15, 10.0, 4, scales_in=False) == 4


STEPS = [
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 3},
    {"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1},
]


@pytest.mark.parametrize(("breach", "expected"), [(0, 3), (9.9, 3), (10, 5), (-1, 1)])
def test_a_breach_falls_into_one_step(breach: float, expected: int) -> None:
    """The bound nearer to the threshold belongs to the step."""
    config = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": STEPS}
    assert stepped(config, breach, 2) == expected


@pytest.mark.parametrize(
    ("kind", "amount", "more", "expected"),
    [
        ("ExactCapacity", 7, {}, 7),
        ("PercentChangeInCapacity", 50, {}, 6),
        ("PercentChangeInCapacity", 10, {}, 5),
        ("PercentChangeInCapacity", 10, {"MinAdjustmentMagnitude": 2}, 6),
        ("PercentChangeInCapacity", -60, {}, 2),
        ("ChangeInCapacity", -9, {}, 0),
    ],
)
def test_a_step_changes_capacity(kind: str, amount: int, more: dict[str, Any], expected: int) -> None:
    """From four instances."""
    step = {"MetricIntervalLowerBound": 0, "ScalingAdjustment": amount}
    assert stepped({"AdjustmentType": kind, "StepAdjustments": [step], **more}, 1.0, 4) == expected
