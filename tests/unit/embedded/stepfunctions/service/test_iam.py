"""On which ARNs operations act."""

from typing import Any

import pytest

from embedded.shapes import service_model
from embedded.stepfunctions.service.iam import resources_of
from tests.unit.embedded.stepfunctions.service.api import PREFIX, Place

MACHINE = f"{PREFIX}:stateMachine:m"
EXECUTION = f"{PREFIX}:execution:m:e"
WITHOUT = {
    "ListActivities",
    "ListStateMachines",
    "SendTaskFailure",
    "SendTaskHeartbeat",
    "SendTaskSuccess",
    "TestState",
    "ValidateStateMachineDefinition",
}


@pytest.mark.parametrize(
    ("operation", "params", "arn"),
    [
        ("CreateStateMachine", {"name": "m"}, MACHINE),
        ("StartExecution", {"stateMachineArn": f"{MACHINE}:live"}, MACHINE),
        ("DescribeStateMachine", {"stateMachineArn": f"{MACHINE}:1"}, MACHINE),
        (
            "CreateStateMachineAlias",
            {"routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:1"}]},
            MACHINE,
        ),
        ("DescribeExecution", {"executionArn": EXECUTION}, EXECUTION),
        ("ListExecutions", {"mapRunArn": "run"}, "run"),
        ("GetActivityTask", {"activityArn": "a"}, "a"),
        ("TagResource", {"resourceArn": MACHINE}, MACHINE),
    ],
)
def test_policies_name_machines_executions_and_activities(
    operation: str, params: dict[str, Any], arn: str
) -> None:
    """Machines without versions and aliases, whichever is meant."""
    assert resources_of(Place(), operation, params) == [arn]


def test_every_operation_has_a_resource_or_is_known_to_have_none() -> None:
    """By the service authorization reference."""
    params = {
        "name": "n",
        "stateMachineArn": "m",
        "executionArn": "e",
        "activityArn": "a",
        "mapRunArn": "r",
        "resourceArn": "t",
        "stateMachineVersionArn": "v",
        "stateMachineAliasArn": "l",
        "routingConfiguration": [{"stateMachineVersionArn": "m"}],
    }
    operations = service_model("stepfunctions").operation_names
    assert {name for name in operations if not resources_of(Place(), name, params)} == WITHOUT
