"""Policies are looked at, and variants scaled, on the test's own clock."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embedded.scaling.books import Books
from embedded.scaling.evaluator import Evaluator
from embedded.scaling.metrics import Metric
from embedded.scaling.service import Scaling
from embedded.scaling.variants import Capacity, Resource
from embedded.wire import ApiError
from tests.unit.embedded.sagemaker.fakes import FakeClock

NAMES = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "TargetValue": 10.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
STEP = {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}
STEPPING = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [STEP], "Cooldown": 60}


class World:
    """One variant, its metric, and the alarms that ring."""

    def __init__(self, folder: Path) -> None:
        self.capacity: Capacity | None = Capacity(1, is_settled=True, may_be_empty=True)
        self.points: Sequence[float] = []
        self.ringing: list[Mapping[str, Any]] = []
        self.clock = FakeClock()
        self.books = Books(folder)
        place: Any = SimpleNamespace(region="us-east-1", account_id="000000000000")
        alarms: Any = self
        self.scaling = Scaling(place, self.books, self, alarms)
        self.evaluator = Evaluator(self.books, self, self._points, lambda _arn: self.ringing, self.clock)

    def read(self, _resource: Resource) -> Capacity | None:
        return self.capacity

    def set(self, _resource: Resource, capacity: int) -> None:
        self.capacity = Capacity(capacity, is_settled=True, may_be_empty=True)

    def make(self, resource: str, _metric: Metric, _target: float, _arn: str) -> tuple[str, ...]:
        return (f"{resource}-high", f"{resource}-low")

    def remove(self, _names: Sequence[str]) -> None:
        """Alarms of a policy that goes."""

    def register(self, minimum: int = 1, maximum: int = 4, **more: Any) -> None:
        self.scaling.register({**NAMES, "MinCapacity": minimum, "MaxCapacity": maximum, **more})

    def put(self, kind: str, config: Mapping[str, Any], name: str = "p") -> None:
        member = f"{kind}PolicyConfiguration"
        self.scaling.put_policy({**NAMES, "PolicyName": name, "PolicyType": kind, member: config})

    def look(self) -> int:
        self.evaluator.look()
        assert self.capacity
        return self.capacity.desired

    def _points(self, _metric: Metric, _now: float, _minutes: int) -> Sequence[float]:
        return self.points


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.register()
    return found


def test_a_variant_follows_its_metric_within_bounds(world: World) -> None:
    """Out to the maximum; in again after the cooldown, to the minimum."""
    world.put("TargetTrackingScaling", TRACKING)
    world.points = [90.0] * 3
    assert world.look() == 4
    world.points = [0.0] * 15
    assert world.look() == 4
    world.clock.moment += 300
    assert world.look() == 1


def test_what_was_scaled_is_on_record(world: World) -> None:
    """With its cause, as DescribeScalingActivities tells it."""
    world.put("TargetTrackingScaling", TRACKING)
    world.points = [20.0] * 3
    world.look()
    (activity,) = world.books.activities.records()
    assert activity.description == "Setting desired instance count to 2."
    assert activity.cause == "monitor alarm endpoint/e/variant/v-high in state ALARM triggered policy p"


def test_an_alarm_triggers_its_step_once_in_a_cooldown(world: World) -> None:
    """While it rings on, again and again."""
    world.put("StepScaling", STEPPING)
    world.ringing = [{"AlarmName": "backlog", "AlarmActions": []}]
    assert [world.look(), world.look()] == [2, 2]
    world.clock.moment += 60
    assert world.look() == 3
    world.ringing = []
    world.clock.moment += 60
    assert world.look() == 3


def test_bounds_hold_without_any_policy(world: World) -> None:
    """A registration with another minimum scales."""
    world.register(minimum=2)
    assert world.look() == 2


def test_of_two_policies_the_larger_capacity_wins(world: World) -> None:
    """Scaling in waits until all agree."""
    world.capacity = Capacity(3, is_settled=True, may_be_empty=True)
    world.put("TargetTrackingScaling", TRACKING)
    world.put("StepScaling", STEPPING | {"StepAdjustments": [STEP | {"ScalingAdjustment": -1}]}, "in")
    world.ringing = [{"AlarmName": "quiet", "AlarmActions": []}]
    assert world.look() == 3


def test_what_is_suspended_or_changing_is_left_alone(world: World) -> None:
    """SuspendedState; an endpoint that is being updated."""
    world.put("TargetTrackingScaling", TRACKING)
    world.points = [90.0] * 3
    world.register(SuspendedState={"DynamicScalingOutSuspended": True})
    assert world.look() == 1
    world.register(SuspendedState={})
    world.capacity = Capacity(1, is_settled=False, may_be_empty=True)
    assert world.look() == 1


def test_a_variant_that_is_gone_is_forgotten(world: World) -> None:
    """With its policies."""
    world.put("TargetTrackingScaling", TRACKING)
    world.capacity = None
    world.evaluator.look()
    assert (world.books.targets.records(), world.books.policies.records()) == ([], [])


def test_registrations_outlive_the_server(world: World, tmp_path: Path) -> None:
    """They are on disk when they are answered."""
    world.put("TargetTrackingScaling", TRACKING)
    again = Books(tmp_path)
    assert (len(again.targets.records()), len(again.policies.records())) == (1, 1)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"MinCapacity": 3, "MaxCapacity": 2}, "Maximum capacity cannot be less"),
        ({"ServiceNamespace": "ecs", "MinCapacity": 1, "MaxCapacity": 2}, "ecs with"),
        (
            {
                "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
                "MinCapacity": 0,
                "MaxCapacity": 1,
            },
            "inference-component:DesiredCopyCount is not implemented",
        ),
    ],
)
def test_what_cannot_be_registered_is_refused(tmp_path: Path, params: dict[str, Any], words: str) -> None:
    """By name."""
    with pytest.raises(ApiError, match=words):
        World(tmp_path).scaling.register({**NAMES, **params})


def test_only_an_asynchronous_endpoint_may_have_nothing(tmp_path: Path) -> None:
    """Others need inference components."""
    world = World(tmp_path)
    world.capacity = Capacity(1, is_settled=True, may_be_empty=False)
    with pytest.raises(ApiError, match="inference components, which are not implemented"):
        world.register(minimum=0)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"}},
            "ALBRequest",
        ),
        ({}, "Exactly one of"),
        ({"CustomizedMetricSpecification": {"Metrics": []}}, "Metrics not implemented"),
    ],
)
def test_what_a_policy_cannot_look_at_is_refused(world: World, config: dict[str, Any], words: str) -> None:
    """By name."""
    with pytest.raises(ApiError, match=words):
        world.put("TargetTrackingScaling", {"TargetValue": 1.0, **config})


def test_predictive_scaling_is_refused(world: World) -> None:
    """By name."""
    with pytest.raises(ApiError, match="PolicyType PredictiveScaling is not implemented"):
        world.put("PredictiveScaling", {"a": 1})
