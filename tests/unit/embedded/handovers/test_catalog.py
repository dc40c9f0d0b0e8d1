"""Which roles an operation hands over, to whom, for what."""

from collections.abc import Mapping
from typing import Any

import pytest

from embedded.environment import ACCOUNT_ID, REGION
from embedded.handovers import catalog
from embedded.handovers.handover import NotPassed
from embedded.handovers.members import role_arns

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/path/one"
OTHER = f"arn:aws:iam::{ACCOUNT_ID}:role/two"


def passed(action: str, params: Mapping[str, Any]) -> list[tuple[str, Mapping[str, str]]]:
    """The roles of a request that only asks, with their condition keys."""
    found: list[tuple[str, Mapping[str, str]]] = []

    def passer(role_arn: str, keys: Mapping[str, str]) -> None:
        found.append((role_arn, keys))
        raise NotPassed

    for handover in catalog.of_operation(action):
        try:
            handover.check(params, passer)
        except NotPassed:
            continue
    return found


@pytest.mark.parametrize(
    ("action", "params", "service", "resource"),
    [
        ("lambda:CreateFunction", {"FunctionName": "f", "Role": ROLE}, "lambda", "lambda:function:f"),
        ("states:CreateStateMachine", {"name": "m", "roleArn": ROLE}, "states", "states:stateMachine:m"),
        (
            "events:PutTargets",
            {"Rule": "r", "EventBusName": "b", "Targets": [{"RoleArn": ROLE}]},
            "events",
            "events:rule/b/r",
        ),
        ("events:PutTargets", {"Rule": "r", "Targets": [{"RoleArn": ROLE}]}, "events", "events:rule/r"),
        (
            "scheduler:CreateSchedule",
            {"Name": "s", "GroupName": "g", "Target": {"RoleArn": ROLE}},
            "scheduler",
            "scheduler:schedule-group/g",
        ),
        ("codebuild:CreateProject", {"name": "p", "serviceRole": ROLE}, "codebuild", "codebuild:project/p"),
        (
            "batch:RegisterJobDefinition",
            {"containerProperties": {"jobRoleArn": ROLE}},
            "ecs-tasks",
            "",
        ),
        (
            "sagemaker:CreateModel",
            {"ModelName": "m", "ExecutionRoleArn": ROLE},
            "sagemaker",
            "sagemaker:model/m",
        ),
        ("cloudformation:CreateStack", {"StackName": "s", "RoleARN": ROLE}, "cloudformation", ""),
        ("glue:CreateJob", {"Name": "j", "Role": ROLE}, "glue", ""),
    ],
)
def test_a_role_is_passed_to_its_service(
    action: str, params: Mapping[str, Any], service: str, resource: str
) -> None:
    """`iam:PassedToService`, and `iam:AssociatedResourceArn` where the resource is known."""
    ((role_arn, keys),) = passed(action, params)
    assert (role_arn, keys["iam:PassedToService"]) == (ROLE, f"{service}.amazonaws.com")
    name, _, rest = resource.partition(":")
    expected = f"arn:aws:{name}:{REGION}:{ACCOUNT_ID}:{rest}" if resource else ""
    assert keys.get("iam:AssociatedResourceArn", "") == expected


@pytest.mark.parametrize(
    "action",
    ["lambda:InvokeFunction", "iam:GetRole", "sts:AssumeRole", "sagemaker:InvokeEndpoint", "glue:GetJob"],
)
def test_what_only_speaks_of_roles_passes_none(action: str) -> None:
    """A payload, or the name of a role that is asked about."""
    assert passed(action, {"Role": ROLE, "RoleArn": ROLE, "roleArn": ROLE}) == []


def test_roles_of_a_batch_environment_go_to_three_services() -> None:
    """Batch's own, the spot fleet's and the instances'."""
    resources = {"spotIamFleetRole": OTHER, "instanceRole": ROLE}
    params = {"serviceRole": ROLE, "computeResources": resources}
    found = [
        (role, keys["iam:PassedToService"]) for role, keys in passed("batch:CreateComputeEnvironment", params)
    ]
    assert found == [
        (ROLE, "batch.amazonaws.com"),
        (OTHER, "spotfleet.amazonaws.com"),
        (ROLE, "ec2.amazonaws.com"),
    ]


def test_templates_say_the_same_in_other_letters() -> None:
    """Properties are the API's members with a capital letter, mostly."""
    target = {"Arn": "a", "RoleArn": OTHER}
    assert role_arns({"Targets": [target, target], "RoleArn": ROLE}, "role(arn)?") == [OTHER, ROLE]
    assert role_arns({"ContainerProperties": {"JobRoleArn": ROLE}}, "role(arn)?") == [ROLE]


def test_a_variable_of_that_name_hands_nothing_over() -> None:
    """Keys of an environment are the user's own."""
    environment = {"Environment": {"Variables": {"EXECUTION_ROLE_ARN": ROLE}}, "Tags": {"role": ROLE}}
    assert role_arns(environment, "role(_?arn)?") == []


def test_every_type_of_the_template_is_judged_as_its_operation() -> None:
    """A type without an entry passes what it takes to its own service; other providers' pass nothing."""
    assert catalog.of_type("AWS::Lambda::Function") == catalog.of_operation("lambda:CreateFunction")
    assert catalog.of_type("AWS::S3::Bucket")[0].principal == "s3.amazonaws.com"
    assert catalog.of_type("Custom::Thing") == catalog.of_type("AWS::IAM::Role") == ()
