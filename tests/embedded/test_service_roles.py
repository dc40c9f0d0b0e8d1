"""Roles are handed to services by who may pass them, and to services that they trust."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from embedded.environment import ACCOUNT_ID
from tests.embedded.conftest import CloudSession, allow, zipped

pytestmark = pytest.mark.embedded

Create = Callable[[CloudSession, Any, str], Any]

MACHINE = json.dumps(
    {"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
)
NOBODY = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}}


def _name() -> str:
    return f"n-{uuid4().hex[:12]}"


def _function(cloud: CloudSession, clients: Any, role: str) -> Any:
    code = {"ZipFile": zipped({"code.py": "def handler(event, context): pass"})}
    return clients("lambda").create_function(
        FunctionName=_name(), Runtime="python3.11", Handler="code.handler", Role=role, Code=code
    )


def _reconfigured(cloud: CloudSession, clients: Any, role: str) -> Any:
    function = cloud.function("def handler(event, context): pass")
    return clients("lambda").update_function_configuration(FunctionName=function, Role=role)


def _machine(cloud: CloudSession, clients: Any, role: str) -> Any:
    return clients("stepfunctions").create_state_machine(name=_name(), definition=MACHINE, roleArn=role)


def _changed_machine(cloud: CloudSession, clients: Any, role: str) -> Any:
    machine = cloud.machine(json.loads(MACHINE), role=cloud.role())
    return clients("stepfunctions").update_state_machine(stateMachineArn=machine, roleArn=role)


def _target(cloud: CloudSession, clients: Any, role: str) -> Any:
    name = _name()
    cloud.client("events").put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    machine = cloud.machine(json.loads(MACHINE), role=cloud.role())
    return clients("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": machine, "RoleArn": role}])


def _schedule(cloud: CloudSession, clients: Any, role: str) -> Any:
    target = {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT_ID}:q", "RoleArn": role}
    return clients("scheduler").create_schedule(
        Name=_name(), ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )


def _project(cloud: CloudSession, clients: Any, role: str) -> Any:
    environment = {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"}
    return clients("codebuild").create_project(
        name=_name(),
        source={"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {build: {commands: [pwd]}}"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment=environment,
        serviceRole=role,
    )


def _job_definition(cloud: CloudSession, clients: Any, role: str) -> Any:
    resources = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}]
    container = {"image": "i", "jobRoleArn": role, "resourceRequirements": resources}
    return clients("batch").register_job_definition(
        jobDefinitionName=_name(), type="container", containerProperties=container
    )


def _stack(cloud: CloudSession, clients: Any, role: str) -> Any:
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    return clients("cloudformation").create_stack(StackName=_name(), TemplateBody=template, RoleARN=role)


REFUSALS = [
    (
        _function,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    (
        _reconfigured,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    (_machine, "AccessDeniedException", "Neither the global service principal states.amazonaws.com, nor"),
    (
        _changed_machine,
        "AccessDeniedException",
        "Neither the global service principal states.amazonaws.com, nor",
    ),
    (_target, "ValidationException", "cannot be assumed by principal 'events.amazonaws.com'."),
    (_schedule, "ValidationException", "must allow AWS EventBridge Scheduler to assume the role."),
    (_project, "InvalidInputException", "CodeBuild is not authorized to perform: sts:AssumeRole on"),
    (_stack, "ValidationError", "is invalid or cannot be assumed"),
]
PRINCIPALS = [
    (_function, "lambda"),
    (_reconfigured, "lambda"),
    (_machine, "states"),
    (_changed_machine, "states"),
    (_target, "events"),
    (_schedule, "scheduler"),
    (_project, "codebuild"),
    (_job_definition, "ecs-tasks"),
    (_stack, "cloudformation"),
]


@pytest.mark.parametrize(("create", "code", "message"), REFUSALS)
def test_a_role_that_does_not_trust_the_service_is_refused(
    cloud_session: CloudSession, create: Create, code: str, message: str
) -> None:
    """In the service's own words, also for the account's root user."""
    role = cloud_session.role(trusting=NOBODY)
    with pytest.raises(ClientError) as refused:
        create(cloud_session, cloud_session.client, role)
    assert refused.value.response["Error"]["Code"] == code
    assert message in refused.value.response["Error"]["Message"]


@pytest.mark.parametrize(("create", "service"), PRINCIPALS)
def test_who_hands_on_a_role_must_be_allowed_to_pass_it(
    cloud_session: CloudSession, create: Create, service: str
) -> None:
    """`iam:PassRole` on that role, for that service; everything else is allowed to both callers."""
    role = cloud_session.role()
    passing = allow("iam:PassRole", role) | {
        "Condition": {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
    }
    others = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    with pytest.raises(ClientError, match=f"is not authorized to perform: iam:PassRole on resource: {role}"):
        create(cloud_session, _clients(cloud_session, others), role)
    create(cloud_session, _clients(cloud_session, others, passing), role)


def _clients(cloud: CloudSession, *statements: Any) -> Callable[[str], Any]:
    keys = cloud.assume(cloud.role(*statements))
    return lambda service: cloud.client(service, keys)


def test_a_client_assumes_only_roles_that_trust_it(cloud_session: CloudSession) -> None:
    """The trust policy's principal and conditions, beside `sts:AssumeRole` in the caller's own policy."""
    caller = cloud_session.role(allow("sts:AssumeRole"))
    sts = cloud_session.client("sts", cloud_session.assume(caller))
    condition = {"StringEquals": {"sts:ExternalId": "known"}}
    trusting = cloud_session.role(trusting={"Principal": {"AWS": caller}, "Condition": condition})
    services_only = cloud_session.role(trusting={"Principal": {"Service": "lambda.amazonaws.com"}})
    wanted = {"RoleSessionName": "session", "ExternalId": "known"}
    sts.assume_role(RoleArn=trusting, **wanted)
    for role, settings in ((services_only, wanted), (trusting, wanted | {"ExternalId": "unknown"})):
        with pytest.raises(ClientError, match="is not authorized to perform: sts:AssumeRole"):
            sts.assume_role(RoleArn=role, **settings)


def test_a_trust_policy_may_name_the_resource_that_the_role_is_for(cloud_session: CloudSession) -> None:
    """aws:SourceArn and aws:SourceAccount, against the confused deputy: another machine may not have it."""
    name = _name()
    arn = f"arn:aws:states:us-east-1:{ACCOUNT_ID}:stateMachine:{name}"
    condition = {"ArnLike": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
    principal = {"Service": "states.us-east-1.amazonaws.com"}
    role = cloud_session.role(trusting={"Principal": principal, "Condition": condition})
    states = cloud_session.client("stepfunctions")
    with pytest.raises(ClientError, match="Neither the global service principal"):
        states.create_state_machine(name=_name(), definition=MACHINE, roleArn=role)
    states.create_state_machine(name=name, definition=MACHINE, roleArn=role)


@pytest.mark.parametrize("passing", [True, False])
def test_cloudformation_passes_roles_under_the_stacks_role(
    cloud_session: CloudSession, passing: bool
) -> None:
    """Without one, under whoever makes the stack."""
    role = cloud_session.role()
    statements = [{"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}]
    stack_role = cloud_session.role(*statements, *([allow("iam:PassRole", role)] if passing else []))
    done, reason = _deployed(cloud_session, cloud_session.client, role, RoleARN=stack_role)
    assert done is passing, reason
    clients = _clients(cloud_session, *statements, *([allow("iam:PassRole", role)] if passing else []))
    done, reason = _deployed(cloud_session, clients, role)
    assert done is passing, reason


def test_cloudformation_hands_over_no_role_that_is_not_trusted(cloud_session: CloudSession) -> None:
    """The resource fails with the service's reason."""
    done, reason = _deployed(cloud_session, cloud_session.client, cloud_session.role(trusting=NOBODY))
    assert not done
    assert "Neither the global service principal states.amazonaws.com" in reason


def _deployed(cloud: CloudSession, clients: Any, role: str, **settings: Any) -> tuple[bool, str]:
    resource = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"DefinitionString": MACHINE, "RoleArn": role},
    }
    name, template = _name(), json.dumps({"Resources": {"Machine": resource}})
    clients("cloudformation").create_stack(
        StackName=name, TemplateBody=template, OnFailure="DO_NOTHING", **settings
    )
    client = cloud.client("cloudformation")
    events: list[Any] = []
    while not any(each["ResourceStatus"] in ("CREATE_COMPLETE", "CREATE_FAILED") for each in events):
        events = client.describe_stack_events(StackName=name)["StackEvents"]
    reasons = " ".join(each.get("ResourceStatusReason", "") for each in events)
    return not any(each["ResourceStatus"] == "CREATE_FAILED" for each in events), reasons
