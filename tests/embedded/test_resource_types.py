"""CloudFormation types that MiniStack refuses, and with them the whole stack."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.embedded.conftest import CloudSession, wait_for

pytestmark = pytest.mark.embedded

ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "Namespace": "N", "MetricName": "M", "EvaluationPeriods": 1, "Threshold": 1, "Period": 60,
        "Statistic": "Sum", "ComparisonOperator": "GreaterThanThreshold",
    },
}  # fmt: skip
COMPOSITE = {"AlarmRule": {"Fn::Sub": 'ALARM("${Alarm}") AND NOT OK("${Alarm}")'}}
BUDGET = {
    "Budget": {
        "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": 5, "Unit": "USD"},
    },
    "NotificationsWithSubscribers": [{
        "Notification": {
            "NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80,
        },
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}],
    }],
}  # fmt: skip
GROUP = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "g"}}
RULE = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}


def _run(cloud: CloudSession, resources: dict[str, Any]) -> tuple[str, str]:
    """The name of a new stack, and how its creation ended."""
    name, formation = f"stack-{uuid4().hex[:12]}", cloud.client("cloudformation")
    formation.create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_IAM"]
    )
    wait_for(lambda: not _status(cloud, name).endswith("IN_PROGRESS"))
    return name, _status(cloud, name)


def _status(cloud: CloudSession, name: str) -> str:
    found = cloud.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return str(found["StackStatus"])


@pytest.mark.parametrize(
    ("kind", "properties", "beside"),
    [
        ("CloudWatch::CompositeAlarm", COMPOSITE, {"Alarm": ALARM}),
        (
            "EC2::SecurityGroupIngress",
            RULE | {"GroupId": {"Fn::GetAtt": ["Group", "GroupId"]}},
            {"Group": GROUP},
        ),
        ("Budgets::Budget", BUDGET, {}),
        (
            "IAM::OIDCProvider",
            {"Url": "https://token.example.com", "ClientIdList": ["sts.amazonaws.com"]},
            {},
        ),
        ("Athena::NamedQuery", {"Database": "d", "QueryString": "SELECT 1"}, {}),
    ],
)
def test_a_type_is_made_and_deleted(
    cloud_session: CloudSession, kind: str, properties: dict[str, Any], beside: dict[str, Any]
) -> None:
    """By the service's own operations."""
    name, status = _run(cloud_session, {"R": {"Type": f"AWS::{kind}", "Properties": properties}, **beside})
    assert status == "CREATE_COMPLETE"
    formation = cloud_session.client("cloudformation")
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("CloudWatch::CompositeAlarm", {"AlarmRule": "ALARM(nothing)"}),
        ("CloudWatch::CompositeAlarm", {"AlarmRule": "TRUE", "ActionsSuppressor": "a"}),
        ("Athena::NamedQuery", {"Database": "d", "QueryString": "SELECT 1", "Unknown": 1}),
    ],
)
def test_what_is_not_done_is_refused(
    cloud_session: CloudSession, kind: str, properties: dict[str, Any]
) -> None:
    """Loudly, with the whole stack: an alarm that does not exist, a property."""
    _, status = _run(cloud_session, {"R": {"Type": f"AWS::{kind}", "Properties": properties}})
    assert status == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize("kind", ["EC2::NatGateway", "EC2::EIP", "EC2::Instance", "EC2::SecurityGroupEgress"])
def test_a_type_that_is_not_done_is_refused(cloud_session: CloudSession, kind: str) -> None:
    """Before anything is made."""
    with pytest.raises(
        cloud_session.client("cloudformation").exceptions.ClientError, match="Unrecognized resource types"
    ):
        _run(cloud_session, {"R": {"Type": f"AWS::{kind}"}})


def test_a_rule_opens_its_group(cloud_session: CloudSession) -> None:
    """What the group then says."""
    reference = {"GroupId": {"Fn::GetAtt": ["Group", "GroupId"]}}
    rule = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": RULE | reference}
    name, _ = _run(cloud_session, {"Rule": rule, "Group": GROUP})
    found = cloud_session.client("cloudformation").describe_stack_resource(
        StackName=name, LogicalResourceId="Group"
    )
    group = found["StackResourceDetail"]["PhysicalResourceId"]
    described = cloud_session.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert described["IpPermissions"][0]["IpRanges"][0]["CidrIp"] == "10.0.0.0/8"
