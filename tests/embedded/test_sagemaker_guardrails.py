"""Canary and rolling updates of real processes under load: nobody's request fails, whichever way it ends."""

from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.hosting import EXECUTION, Hosting, execution_role, prepare
from tests.embedded.hosting_load import Load

pytestmark = pytest.mark.embedded

HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}


def canary(*alarms: str, wait: int = 2) -> dict[str, Any]:
    """Half of the traffic for a while, then all."""
    routing = {"Type": "CANARY", "CanarySize": HALF, "WaitIntervalInSeconds": wait}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 1}
    return {"BlueGreenUpdatePolicy": policy} | rollback(*alarms)


def rollback(*alarms: str) -> dict[str, Any]:
    return (
        {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": each} for each in alarms]}} if alarms else {}
    )


@pytest.fixture(scope="module")
def hosting(cloud_session: CloudSession) -> Hosting:
    """All that an endpoint needs."""
    return prepare(cloud_session)


def named(hosting: Hosting, text: str, *, instances: int = 1, role: str | None = None) -> str:
    """A configuration whose variant is called `main`, whatever its model answers."""
    return hosting.config_of(hosting.variant(text, role, instances) | {"VariantName": "main"})


def alarm(hosting: Hosting) -> str:
    """A new alarm on a metric of its own name."""
    name = f"alarm-{uuid4().hex[:8]}"
    hosting.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Nobody",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    return name


def ring(hosting: Hosting, name: str) -> None:
    """Let an alarm ring by its metric: a state that is set by hand lasts until the next look only."""
    data = [{"MetricName": name, "Value": 5.0}]
    hosting.cloud.client("cloudwatch").put_metric_data(Namespace="Nobody", MetricData=data)


def phase(hosting: Hosting, name: str) -> str:
    """What is being done with the pending variant."""
    found = hosting.sagemaker.describe_endpoint(EndpointName=name).get("PendingDeploymentSummary", {})
    variant = found.get("ProductionVariants", [{}])[0]
    return str(variant.get("VariantStatus", [{}])[0].get("Status", ""))


def update(hosting: Hosting, name: str, config: str, deployment: dict[str, Any]) -> None:
    hosting.sagemaker.update_endpoint(
        EndpointName=name, EndpointConfigName=config, DeploymentConfig=deployment
    )


def test_a_canary_moves_all_traffic_without_a_failed_request(hosting: Hosting) -> None:
    """Both answer while it bakes; afterwards only the new one does, and the policy is on record."""
    name, second = hosting.endpoint(named(hosting, "one")), named(hosting, "two")
    with Load(hosting, name) as seen:
        update(hosting, name, second, canary())
        wait_for(lambda: phase(hosting, name) == "Baking")
        wait_for(lambda: min(seen["one"], seen["two"]) > 5)
        settled = hosting.settled(name)
        after = Counter(seen)
        wait_for(lambda: seen["two"] > after["two"] + 5)
    assert (settled["EndpointConfigName"], settled["FailureReason"]) == (second, None)
    assert settled["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 1
    assert set(seen) == {"one", "two"}


def test_an_alarm_rolls_back_without_a_failed_request(hosting: Hosting) -> None:
    """The execution role asks for the alarm; the endpoint is in service as before, with the reason."""
    name, second, bell = hosting.endpoint(named(hosting, "one")), named(hosting, "two"), alarm(hosting)
    with Load(hosting, name) as seen:
        update(hosting, name, second, canary(bell, wait=60))
        wait_for(lambda: phase(hosting, name) == "Baking" and seen["two"] > 0)
        ring(hosting, bell)
        settled = hosting.settled(name)
    assert bell in settled["FailureReason"]
    assert settled["EndpointConfigName"] != second
    assert set(seen) == {"one", "two"}
    assert {hosting.answer(name) for _ in range(10)} == {"one"}
    assert hosting.cloud.calls_of(hosting.role, action="cloudwatch:DescribeAlarms")[-1].allowed


def test_a_role_that_may_not_see_its_alarms_gets_no_deployment(hosting: Hosting) -> None:
    """`cloudwatch:DescribeAlarms` is what the execution role needs."""
    blind = [each for each in EXECUTION if each["Action"] != "cloudwatch:DescribeAlarms"]
    role = execution_role(hosting.cloud, *blind)
    name, bell = hosting.endpoint(named(hosting, "one")), alarm(hosting)
    update(hosting, name, named(hosting, "two", role=role), canary(bell))
    assert "DescribeAlarms" in hosting.settled(name)["FailureReason"]
    assert hosting.answer(name) == "one"


@pytest.mark.parametrize("is_rung", [False, True], ids=["forward", "taken back"])
def test_a_rolling_update_loses_no_request(hosting: Hosting, is_rung: bool) -> None:
    """Instances are replaced one by one, and brought back one by one."""
    first, second = named(hosting, "one", instances=2), named(hosting, "two", instances=2)
    name, bell = hosting.endpoint(first), alarm(hosting)
    policy = {"MaximumBatchSize": HALF, "WaitIntervalInSeconds": 2}
    with Load(hosting, name) as seen:
        update(hosting, name, second, {"RollingUpdatePolicy": policy} | rollback(bell))
        wait_for(lambda: phase(hosting, name) == "Baking" and seen["two"] > 0)
        if is_rung:
            ring(hosting, bell)
        settled = hosting.settled(name)
    expected = (first, "one") if is_rung else (second, "two")
    assert (settled["EndpointConfigName"], hosting.answer(name)) == expected
    assert set(seen) == {"one", "two"}
