"""Least privilege, as far as a template shows it."""

import re
from typing import Any

from cdk_app.state_machines import load_definition, machine_names
from tests.infrastructure.definitions import every_state
from tests.infrastructure.template import Assembly, Statement, role_of

WITHOUT_RESOURCES = {
    "batch:DescribeJobs": "Batch knows no resources for looking at jobs",
    "batch:ListJobs": "as above",
    "cloudwatch:GetMetricData": "CloudWatch knows no resources for reading metrics",
    "cloudwatch:ListMetrics": "as above",
    "cloudwatch:PutMetricData": "as above; limited by a condition on the namespace",
    "ecr:GetAuthorizationToken": "a token is for the registry, not for a repository",
    "logs:CreateLogDelivery": "Step Functions' own logs go through deliveries, which have no resources",
    "logs:DeleteLogDelivery": "as above",
    "logs:DescribeLogGroups": "as above",
    "logs:DescribeResourcePolicies": "as above",
    "logs:GetLogDelivery": "as above",
    "logs:ListLogDeliveries": "as above",
    "logs:PutResourcePolicy": "as above",
    "logs:UpdateLogDelivery": "as above",
    "scheduler:ListSchedules": "Scheduler knows no resources for listing schedules",
    "xray:GetSamplingRules": "X-Ray knows no resources for these",
    "xray:GetSamplingTargets": "as above",
    "xray:PutTelemetryRecords": "as above",
    "xray:PutTraceSegments": "as above",
}
"""Actions that may be allowed on `*`, and why (Service Authorization Reference)."""

NEEDED_BY = {
    "arn:aws:states:::lambda:invoke": {"lambda:InvokeFunction"},
    "arn:aws:states:::athena:startQueryExecution.sync": {
        "athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution",
        "glue:GetDatabase", "glue:GetTable",
        "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition",
        "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:PutObject", "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    },
    "arn:aws:states:::batch:submitJob.sync": {
        "batch:SubmitJob", "batch:DescribeJobs", "batch:TerminateJob",
        "events:PutTargets", "events:PutRule", "events:DescribeRule",
    },
    "arn:aws:states:::codebuild:startBuild.sync": {
        "codebuild:StartBuild", "codebuild:StopBuild", "codebuild:BatchGetBuilds",
        "events:PutTargets", "events:PutRule", "events:DescribeRule",
    },
    "arn:aws:states:::states:startExecution.sync:2": {
        "states:StartExecution", "states:DescribeExecution", "states:StopExecution",
        "events:PutTargets", "events:PutRule", "events:DescribeRule",
    },
}  # fmt: skip
"""What a machine's role must be allowed for a resource (Step Functions developer guide)."""
EVERY_LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
EVERY_TRACE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
EVERY_MACHINE = {action for action in WITHOUT_RESOURCES if action.startswith(("logs:", "xray:"))}


def test_no_action_is_a_wildcard(assembly: Assembly) -> None:
    """`s3:Get*` is a dozen actions of which one is meant."""
    actions = [action for statement in assembly.statements() for action in statement.actions]
    assert not [action for action in actions if "*" in action]


def test_everything_is_granted_on_named_resources_where_there_are_any(assembly: Assembly) -> None:
    """`*` only for actions for which AWS knows nothing narrower."""
    wide = {a for statement in assembly.statements() if "*" in statement.resources for a in statement.actions}
    assert wide <= set(WITHOUT_RESOURCES)


def test_roles_are_written_by_hand_and_nowhere_else(assembly: Assembly) -> None:
    """No grant helper and no managed policy widens a role."""
    assert not assembly.resources("AWS::IAM::Policy")
    assert not assembly.resources("AWS::IAM::ManagedPolicy")
    assert not [
        role for role in assembly.properties("AWS::IAM::Role").values() if "ManagedPolicyArns" in role
    ]


def test_a_role_is_passed_to_one_service_only(assembly: Assembly) -> None:
    """`iam:PassRole` names the role and the service."""
    passing = [statement for statement in assembly.statements() if "iam:PassRole" in statement.actions]
    assert passing
    for statement in passing:
        assert "*" not in statement.resources
        assert list(statement.condition) == ["StringEquals"]


def test_listing_a_bucket_is_limited_to_prefixes(assembly: Assembly) -> None:
    """A role that reads runs does not see which datasets there are."""
    listing = [
        s for s in assembly.statements() if {"s3:ListBucket", "s3:ListBucketVersions"} & set(s.actions)
    ]
    assert listing
    assert all("s3:prefix" in statement.condition["StringLike"] for statement in listing)


def test_a_machine_may_do_exactly_what_its_states_do(assembly: Assembly) -> None:
    """Each resource of a state has its statements, and there is no statement without a state."""
    for name, machine in _machines(assembly).items():
        resources = {
            state["Resource"] for _, state in every_state(load_definition(name)) if "Resource" in state
        }
        needed = EVERY_MACHINE.union(*(NEEDED_BY[resource] for resource in resources))
        assert _actions(assembly, role_of(machine[0], machine[1]["RoleArn"])) == needed


def test_a_machine_invokes_exactly_the_functions_that_it_names(assembly: Assembly) -> None:
    """Its other functions are none of its business."""
    for name, (stack_and_name, machine) in _machines(assembly).items():
        role = role_of(stack_and_name, machine["RoleArn"])
        allowed = {
            _logical_id(r)
            for s in _of(assembly, role)
            if "lambda:InvokeFunction" in s.actions
            for r in s.resources
        }
        called = {
            _logical_id(v) for k, v in machine["DefinitionSubstitutions"].items() if _is_function(assembly, v)
        }
        assert allowed == called, name


def test_every_function_may_write_its_own_log_and_its_traces(assembly: Assembly) -> None:
    """What Lambda does under a function's role on AWS, and nowhere else: nothing but this would miss it."""
    for stack_and_name, function in assembly.properties("AWS::Lambda::Function").items():
        statements = _of(assembly, role_of(stack_and_name, function["Role"]))
        group = function["LoggingConfig"]["LogGroup"]["Ref"]
        logging = [s for s in statements if group in str(s.resources)]
        assert {action for s in logging for action in s.actions} == EVERY_LOG, stack_and_name
        assert {action for s in statements for action in s.actions} >= EVERY_TRACE, stack_and_name


def _machines(assembly: Assembly) -> dict[str, tuple[str, dict[str, Any]]]:
    machines = assembly.properties("AWS::StepFunctions::StateMachine")
    found = {_snake_case(name): (name, properties) for name, properties in machines.items()}
    assert sorted(found) == machine_names()
    return found


def _snake_case(stack_and_name: str) -> str:
    name = re.sub(r"Machine[0-9A-F]{8}$", "", stack_and_name.partition("/")[2])
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _of(assembly: Assembly, role: str) -> list[Statement]:
    return [statement for statement in assembly.statements() if statement.role == role]


def _actions(assembly: Assembly, role: str) -> set[str]:
    return {action for statement in _of(assembly, role) for action in statement.actions}


def _logical_id(reference: Any) -> str:
    return str(reference["Fn::GetAtt"][0])


def _is_function(assembly: Assembly, reference: Any) -> bool:
    functions = assembly.resources("AWS::Lambda::Function")
    return isinstance(reference, dict) and f"Pipeline/{reference.get('Fn::GetAtt', [''])[0]}" in functions
