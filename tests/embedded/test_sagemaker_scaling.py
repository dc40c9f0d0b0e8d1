"""Variants are scaled by Application Auto Scaling: from nothing by an alarm, by a metric, from a template."""

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.hosting import BUCKET, Hosting, prepare

pytestmark = pytest.mark.embedded

DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@pytest.fixture(scope="module")
def hosting(cloud_session: CloudSession) -> Hosting:
    """All that an endpoint needs."""
    return prepare(cloud_session)


def asynchronous(hosting: Hosting) -> str:
    """A new asynchronous endpoint."""
    output = {"S3OutputPath": f"s3://{BUCKET}/out/scaled"}
    config = {"OutputConfig": output}
    return hosting.endpoint(hosting.config_of(hosting.variant("one"), AsyncInferenceConfig=config))


def names(endpoint: str) -> dict[str, str]:
    resource = f"endpoint/{endpoint}/variant/one"
    return {"ServiceNamespace": "sagemaker", "ResourceId": resource, "ScalableDimension": DIMENSION}


def instances(hosting: Hosting, endpoint: str) -> int:
    found = hosting.sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"][0]
    return int(found["CurrentInstanceCount"])


def test_an_alarm_brings_an_endpoint_back_from_nothing(hosting: Hosting) -> None:
    """Step scaling on `HasBacklogWithoutCapacity`, the metric that tells of waiting requests."""
    name, scaling = asynchronous(hosting), hosting.cloud.client("application-autoscaling")
    hosting.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name,
        DesiredWeightsAndCapacities=[{"VariantName": "one", "DesiredInstanceCount": 0}],
    )
    hosting.settled(name)
    scaling.register_scalable_target(**names(name), MinCapacity=0, MaxCapacity=1)
    policy = scaling.put_scaling_policy(
        **names(name),
        PolicyName="from-nothing",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )["PolicyARN"]
    hosting.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=f"backlog-{name}",
        AlarmActions=[policy],
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": name}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    hosting.runtime.invoke_endpoint_async(EndpointName=name, Body=b"x")
    wait_for(lambda: instances(hosting, name) == 1, seconds=150)
    (activity,) = scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    assert activity["Cause"] == f"monitor alarm backlog-{name} in state ALARM triggered policy from-nothing"
    assert activity["StatusCode"] == "Successful"


def test_a_metric_above_its_target_scales_out(hosting: Hosting) -> None:
    """Target tracking, with alarms of its own in CloudWatch that go with the policy.

    The load goes on for as long as the test may wait: a minute that ends meanwhile is no gap.
    """
    name, scaling = hosting.endpoint(hosting.config("one")), hosting.cloud.client("application-autoscaling")
    metrics, metric = hosting.cloud.client("cloudwatch"), f"load-{uuid4().hex[:8]}"
    moments = [datetime.fromtimestamp(time.time() - 60 * age, UTC) for age in range(-4, 5)]
    data: list[dict[str, Any]] = [
        {"MetricName": metric, "Timestamp": each, "Value": 20.0} for each in moments
    ]
    metrics.put_metric_data(Namespace="Test", MetricData=data)
    scaling.register_scalable_target(**names(name), MinCapacity=1, MaxCapacity=2)
    tracked = {"MetricName": metric, "Namespace": "Test", "Statistic": "Average"}
    made = scaling.put_scaling_policy(
        **names(name),
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 10.0,
            "CustomizedMetricSpecification": tracked,
        },
    )
    wait_for(lambda: instances(hosting, name) == 2, seconds=150)
    alarms = [each["AlarmName"] for each in made["Alarms"]]
    assert len(metrics.describe_alarms(AlarmNames=alarms)["MetricAlarms"]) == 2
    scaling.deregister_scalable_target(**names(name))
    assert metrics.describe_alarms(AlarmNames=alarms)["MetricAlarms"] == []


def test_a_template_registers_a_variant(hosting: Hosting) -> None:
    """A target and a policy; both go with the stack."""
    name, scaling = hosting.endpoint(hosting.config("one")), hosting.cloud.client("application-autoscaling")
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    tracking = {"TargetValue": 100, "PredefinedMetricSpecification": metric}
    policy = {"PolicyName": "p", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": {"Ref": "Target"}}
    resources = {
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {**names(name), "MinCapacity": 1, "MaxCapacity": 2},
        },
        "Policy": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": policy | {"TargetTrackingScalingPolicyConfiguration": tracking},
        },
    }
    stacks = hosting.cloud.client("cloudformation")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    asked = {"ServiceNamespace": "sagemaker", "ResourceId": names(name)["ResourceId"]}
    (found,) = scaling.describe_scaling_policies(**asked)["ScalingPolicies"]
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 100
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert names(name)["ResourceId"] not in [each["ResourceId"] for each in targets]
