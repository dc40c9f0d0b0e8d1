"""DeploymentConfig becomes steps; what is wrong in it is refused before anything moves."""

from typing import Any

import pytest

from embedded.sagemaker.policy import ALL_AT_ONCE, applicable, check_sizes, read_policy
from embedded.sagemaker.records import Serverless
from embedded.wire import ApiError
from tests.unit.embedded.sagemaker.fakes import variant

PERCENT, COUNT = "CAPACITY_PERCENT", "INSTANCE_COUNT"


def size(kind: str, value: int) -> dict[str, Any]:
    return {"Type": kind, "Value": value}


def routing(**values: Any) -> dict[str, Any]:
    config = {"WaitIntervalInSeconds": 60} | values
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": config, "TerminationWaitInSeconds": 30}}


def rolling(**values: Any) -> dict[str, Any]:
    batch = {"MaximumBatchSize": size(PERCENT, 50), "WaitIntervalInSeconds": 60}
    return {"RollingUpdatePolicy": batch | values}


@pytest.mark.parametrize(
    ("config", "shares", "waits"),
    [
        ({}, [1.0], [0]),
        (routing(Type="ALL_AT_ONCE"), [1.0], [30]),
        (routing(Type="CANARY", CanarySize=size(PERCENT, 30)), [0.3, 1.0], [60, 30]),
        (routing(Type="CANARY", CanarySize=size(COUNT, 1)), [0.25, 1.0], [60, 30]),
        (routing(Type="LINEAR", LinearStepSize=size(PERCENT, 25)), [0.25, 0.5, 0.75, 1.0], [60, 60, 60, 30]),
    ],
)
def test_a_policy_is_steps_of_traffic_and_time(
    config: dict[str, Any], shares: list[float], waits: list[int]
) -> None:
    """For a variant of four instances; the last wait is the one before the old fleet is ended."""
    steps = read_policy(config).steps
    assert [step.share(4) for step in steps] == shares
    assert [step.wait for step in steps] == waits


def test_a_part_of_an_instance_is_an_instance() -> None:
    """30 % of three instances is one canary."""
    canary = read_policy(routing(Type="CANARY", CanarySize=size(PERCENT, 30))).steps[0]
    assert canary.active(3) == 1


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (routing(Type="CANARY"), "CanarySize is required"),
        (routing(Type="CANARY", CanarySize=size(PERCENT, 51)), "CanarySize must be between 1% and 50%"),
        (routing(Type="LINEAR", LinearStepSize=size(PERCENT, 9)), "LinearStepSize must be between 10%"),
        (routing(Type="ALL_AT_ONCE", CanarySize=size(PERCENT, 10)), "CanarySize cannot be specified"),
        (rolling(MaximumBatchSize=size(PERCENT, 4)), "MaximumBatchSize must be between 5% and 50%"),
        (rolling(RollbackMaximumBatchSize=size(PERCENT, 101)), "RollbackMaximumBatchSize must be"),
        (rolling() | routing(Type="ALL_AT_ONCE"), "Only one of BlueGreenUpdatePolicy"),
        ({"Other": {"a": 1}}, "Other not implemented"),
    ],
)
def test_what_a_policy_cannot_be_is_refused(config: dict[str, Any], words: str) -> None:
    """In the bounds of the API reference."""
    with pytest.raises(ApiError, match=words):
        read_policy(config)


def test_a_count_is_at_most_half_of_the_instances() -> None:
    """One of one is no canary; one of two is."""
    policy = read_policy(routing(Type="CANARY", CanarySize=size(COUNT, 1)))
    check_sizes(policy, [variant(instances=2)])
    with pytest.raises(ApiError, match="more than 50% of the 1 instance"):
        check_sizes(policy, [variant()])


def test_guardrails_need_the_same_names() -> None:
    """Otherwise all traffic moves at once, no alarm is watched ("Exclusions")."""
    policy = read_policy(routing(Type="CANARY", CanarySize=size(PERCENT, 30)))
    assert applicable(policy, [variant("a")], [variant("a")]) is policy
    assert applicable(policy, [variant("a")], [variant("b")]) is ALL_AT_ONCE


def test_rolling_is_for_one_variant_on_instances() -> None:
    """Several, and serverless ones, move all at once."""
    policy, two = read_policy(rolling()), [variant("a"), variant("b")]
    serverless = [variant("a", serverless=Serverless(memory_mb=1024, max_concurrency=1))]
    assert applicable(policy, [variant("a")], [variant("a")]) is policy
    assert applicable(policy, two, two) is ALL_AT_ONCE
    assert applicable(policy, serverless, serverless) is ALL_AT_ONCE
