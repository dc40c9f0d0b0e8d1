"""Canary, linear and rolling deployments on the test's own clock: shares, alarms, time limits, restarts."""

from pathlib import Path
from typing import Any

import pytest

from embedded.sagemaker.records import Variant
from tests.unit.embedded.sagemaker.fakes import variant
from tests.unit.embedded.sagemaker.test_policy import PERCENT, rolling, routing, size
from tests.unit.embedded.sagemaker.world import World

CANARY = routing(Type="CANARY", CanarySize=size(PERCENT, 25))
LINEAR = routing(Type="LINEAR", LinearStepSize=size(PERCENT, 50))
ALARMS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
OLD, NEW = "image:one", "image:two"


def new(**values: Any) -> Variant:
    return variant(image=NEW, **values)


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.create(variant(instances=4))
    found.phases.clear()
    return found


def baking(seconds: int, parameter: str, rest: str) -> str:
    """As the page on EventBridge words it."""
    return f"Baking for {seconds} seconds ({parameter}) with traffic enabled on {rest}"


def share(world: World) -> float:
    """The part of requests that the new fleet answers."""
    seen = world.asked()
    assert "nobody" not in seen
    return seen.get(NEW, 0) / sum(seen.values())


def test_a_canary_takes_its_share_and_then_everything(world: World) -> None:
    """25 % for the interval, then all, then the old fleet is kept for the termination wait."""
    shares: list[float] = []
    for seconds in (30, 75):
        world.clock.at(seconds, lambda: shares.append(share(world)))
    began = world.clock.now()
    world.update(new(instances=4), deployment=CANARY)
    assert 0.15 < shares[0] < 0.35
    assert shares[1] == 1.0
    assert world.clock.now() - began == 90
    assert world.containers.alive() == [NEW] * 2
    assert (world.record.status, world.record.config) == ("InService", "c2")


def test_each_step_is_told_in_sagemakers_words(world: World) -> None:
    """`StatusMessage` as the page on EventBridge has it."""
    world.update(new(instances=4), deployment=CANARY)
    assert world.phases == [
        "Launching 4 instance(s).",
        "Activating traffic on canary capacity of 1 instance(s).",
        baking(60, "WaitIntervalInSeconds", "canary capacity of 1 instance(s)."),
        "Activating traffic on full capacity of 4 instance(s).",
        baking(30, "TerminationWaitInSeconds", "full capacity of 4 instance(s)."),
    ]


def test_linear_moves_traffic_in_equal_steps(world: World) -> None:
    """Half, then all."""
    shares: list[float] = []
    for seconds in (30, 75):
        world.clock.at(seconds, lambda: shares.append(share(world)))
    world.update(new(instances=4), deployment=LINEAR)
    assert 0.4 < shares[0] < 0.6
    assert shares[1] == 1.0


@pytest.mark.parametrize("seconds", [10, 70], ids=["in the canary", "after all traffic moved"])
def test_an_alarm_in_a_baking_period_takes_all_traffic_back(world: World, seconds: int) -> None:
    """The status stays Updating meanwhile; then the endpoint is InService as before, with the reason."""
    world.clock.at(seconds, lambda: world.alarms.state.update(errors="ALARM"))
    world.update(new(instances=4), deployment=CANARY | ALARMS)
    assert (world.record.status, world.record.config, world.record.pending) == ("InService", "c1", None)
    assert "errors" in str(world.record.reason)
    assert world.asked(20) == {OLD: 20}
    assert world.containers.alive() == [OLD] * 2
    assert "RollingBack" not in world.statuses


def test_without_alarms_nothing_is_rolled_back(world: World) -> None:
    """An alarm that the deployment does not name has no say."""
    world.alarms.state["errors"] = "ALARM"
    world.update(new(instances=4), deployment=CANARY)
    assert world.record.config == "c2"


def test_an_alarm_has_no_say_when_the_variant_has_another_name(world: World) -> None:
    """SageMaker falls back to all at once, without baking."""
    world.alarms.state["errors"] = "ALARM"
    began = world.clock.now()
    world.update(variant("other", image=NEW), deployment=CANARY | ALARMS)
    assert (world.record.config, world.clock.now()) == ("c2", began)


def test_a_deployment_that_takes_too_long_is_rolled_back(world: World) -> None:
    """MaximumExecutionTimeoutInSeconds counts from its start."""
    config: dict[str, Any] = routing(Type="CANARY", CanarySize=size(PERCENT, 25), WaitIntervalInSeconds=3600)
    config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    began = world.clock.now()
    world.update(new(instances=4), deployment=config)
    assert (world.record.config, world.clock.now() - began) == ("c1", 600)
    assert "MaximumExecutionTimeoutInSeconds of 600" in str(world.record.reason)


def test_a_rolling_deployment_replaces_batch_by_batch(world: World) -> None:
    """Half of the old instances are gone when the second batch bakes; never are all of both there."""
    shares: list[float] = []
    alive: list[int] = []
    for seconds in (30, 90):
        world.clock.at(seconds, lambda: shares.append(share(world)))
        world.clock.at(seconds, lambda: alive.append(len(world.containers.alive())))
    world.update(new(instances=4), deployment=rolling())
    assert 0.4 < shares[0] < 0.6
    assert shares[1] == 1.0
    assert max(alive) <= 4
    assert world.containers.alive() == [NEW] * 2
    assert world.record.config == "c2"


@pytest.mark.parametrize("back", [{}, {"RollbackMaximumBatchSize": size(PERCENT, 50)}])
def test_a_rolling_deployment_is_taken_back(world: World, back: dict[str, Any]) -> None:
    """Old instances that had been ended are started again, at once or in batches."""
    world.clock.at(70, lambda: world.alarms.state.update(errors="ALARM"))
    world.update(new(instances=4), deployment=rolling(**back) | ALARMS)
    assert (world.record.status, world.record.config) == ("InService", "c1")
    assert world.containers.alive() == [OLD] * 2
    assert world.asked(20) == {OLD: 20}


def test_a_rollback_that_fails_leaves_a_mix(world: World) -> None:
    """UpdateRollbackFailed: both configurations serve."""

    def trip() -> None:
        world.alarms.state["errors"] = "ALARM"
        world.containers.broken.add(OLD)

    small = rolling(MaximumBatchSize=size(PERCENT, 25))
    world.clock.at(200, trip)
    world.update(new(instances=4), deployment=small | ALARMS)
    assert world.record.status == "UpdateRollbackFailed"
    assert "nobody" not in world.asked(20)


def test_a_canary_that_a_kill_cut_short_is_gone_on_with(world: World) -> None:
    """The next server brings the old fleet back first, and bakes the step at which it was anew."""
    world.begin(new(instances=4), deployment=CANARY, step=1)
    world.restart()
    began = world.clock.now()
    world.deployments.resume("one").join()
    assert (world.record.status, world.record.config) == ("InService", "c2")
    assert world.clock.now() - began == 30


def test_a_rollback_that_a_kill_cut_short_is_finished(world: World) -> None:
    """With the reason for which it was begun."""
    world.begin(new(instances=4), deployment=CANARY, rollback="an alarm rang")
    world.restart()
    world.deployments.resume("one").join()
    assert (world.record.config, world.record.reason) == ("c1", "an alarm rang")
    assert world.asked(20) == {OLD: 20}
