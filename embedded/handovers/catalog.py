"""Which operations, and which CloudFormation types, hand roles to which services, and how those refuse.

From the column "dependent actions" (`iam:PassRole`) of the Service Authorization Reference, a page for each
service, such as https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from embedded import shapes
from embedded.handovers.handover import Handover, Needs, Params, Refusal, arn, local_arn
from embedded.handovers.members import first, inner

# Shapes may hold themselves.
_DEEPEST = 6
_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)


def _log_delivery(params: Params) -> Needs:
    """https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"""
    level = first(inner(params, "loggingConfiguration"), "level")
    return [(action, "*") for action in _LOG_DELIVERY] if level not in ("", "OFF") else []


def _dead_letters(params: Params) -> Needs:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq"""
    target = first(inner(params, "DeadLetterConfig"), "TargetArn")
    action = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}.get(target.split(":")[2]) if target else None
    return [(action, target)] if action else []


def _rule(params: Params) -> str:
    bus = (first(params, "EventBusName") or "default").rpartition("/")[2]
    name = first(params, "Rule", "Name")
    return local_arn("events", f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")


def _schedule_group(params: Params) -> str:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html"""
    return local_arn("scheduler", f"schedule-group/{first(params, 'GroupName') or 'default'}")


def _sagemaker(kind: str, member: str) -> Handover:
    return Handover(
        principal="sagemaker.amazonaws.com",
        source=arn("sagemaker", f"{kind}/", member),
        untrusted=Refusal(
            "ValidationException",
            'Could not assume role {role}. Please ensure that the role "{role}" exists and that its trust '
            'relationship policy allows the action "sts:AssumeRole" for the service principal '
            '"sagemaker.amazonaws.com".',
        ),
    )


_FUNCTION = Handover(
    principal="lambda.amazonaws.com",
    source=arn("lambda", "function:", "FunctionName"),
    untrusted=Refusal(
        "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
    ),
    needs=_dead_letters,
    unable=Refusal(
        "InvalidParameterValueException",
        "The provided execution role does not have permissions to call {operation} on {service}",
    ),
)
_MACHINE = Handover(
    principal="states.amazonaws.com",
    source=arn("states", "stateMachine:", "stateMachineArn", "StateMachineName", "name"),
    untrusted=Refusal(
        "AccessDeniedException",
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to "
        "assume the provided role.",
    ),
    needs=_log_delivery,
    unable=Refusal(
        "AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination"
    ),
)
_RULE = Handover(
    principal="events.amazonaws.com",
    source=_rule,
    untrusted=Refusal(
        "ValidationException", "Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
    ),
)
_SCHEDULE = Handover(
    principal="scheduler.amazonaws.com",
    source=_schedule_group,
    untrusted=Refusal(
        "ValidationException",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    ),
)
_PIPE = Handover(
    principal="pipes.amazonaws.com",
    source=arn("pipes", "pipe/", "Name"),
    untrusted=Refusal("ValidationException", "EventBridge Pipes cannot assume the role {role}."),
)
_PROJECT = Handover(
    principal="codebuild.amazonaws.com",
    roles="role(override)?",
    source=arn("codebuild", "project/", "projectName", "name"),
    untrusted=Refusal(
        "InvalidInputException", "CodeBuild is not authorized to perform: sts:AssumeRole on {role}"
    ),
)
# Batch looks at the trust of a job's roles only when the job starts: it then fails.
_TASK = Handover(principal="ecs-tasks.amazonaws.com")
_COMPUTE = (
    Handover(
        principal="batch.amazonaws.com",
        roles="service_?role",
        untrusted=Refusal("ClientException", "AWS Batch cannot assume the service role {role}."),
    ),
    Handover(principal="spotfleet.amazonaws.com", roles="spotiamfleetrole"),
    Handover(principal="ec2.amazonaws.com", roles="instancerole"),
)
_STACK = Handover(
    principal="cloudformation.amazonaws.com",
    untrusted=Refusal("ValidationError", "Role {role} is invalid or cannot be assumed"),
)
_PROFILE = Handover(
    principal="ec2.amazonaws.com",
    roles="(roles|rolename)",
    source=arn("iam", "instance-profile/", "InstanceProfileName"),
)

OPERATIONS: Mapping[str, tuple[Handover, ...]] = {
    "lambda:CreateFunction": (_FUNCTION,),
    "lambda:UpdateFunctionConfiguration": (_FUNCTION,),
    "states:CreateStateMachine": (_MACHINE,),
    "states:UpdateStateMachine": (_MACHINE,),
    "states:TestState": (_MACHINE,),
    "events:PutRule": (_RULE,),
    "events:PutTargets": (_RULE,),
    "scheduler:CreateSchedule": (_SCHEDULE,),
    "scheduler:UpdateSchedule": (_SCHEDULE,),
    "pipes:CreatePipe": (_PIPE,),
    "pipes:UpdatePipe": (_PIPE,),
    "codebuild:CreateProject": (_PROJECT,),
    "codebuild:UpdateProject": (_PROJECT,),
    "codebuild:StartBuild": (_PROJECT,),
    "batch:RegisterJobDefinition": (_TASK,),
    "batch:CreateComputeEnvironment": _COMPUTE,
    "batch:UpdateComputeEnvironment": _COMPUTE,
    "ecs:RegisterTaskDefinition": (_TASK,),
    "ecs:RunTask": (_TASK,),
    "sagemaker:CreateModel": (_sagemaker("model", "ModelName"),),
    "sagemaker:CreateEndpointConfig": (_sagemaker("endpoint-config", "EndpointConfigName"),),
    "sagemaker:CreateMlflowApp": (_sagemaker("mlflow-app", "Name"),),
    "cloudformation:CreateStack": (_STACK,),
    "cloudformation:UpdateStack": (_STACK,),
    "cloudformation:DeleteStack": (_STACK,),
    "cloudformation:CreateChangeSet": (_STACK,),
    "cloudformation:ContinueUpdateRollback": (_STACK,),
    "cloudformation:RollbackStack": (_STACK,),
    "iam:AddRoleToInstanceProfile": (_PROFILE,),
}
# Each type beside the operation that CloudFormation calls to make a resource of it.
_MADE_BY: Mapping[str, str] = {
    "AWS::Lambda::Function": "lambda:CreateFunction",
    "AWS::StepFunctions::StateMachine": "states:CreateStateMachine",
    "AWS::Events::Rule": "events:PutTargets",
    "AWS::Scheduler::Schedule": "scheduler:CreateSchedule",
    "AWS::Pipes::Pipe": "pipes:CreatePipe",
    "AWS::CodeBuild::Project": "codebuild:CreateProject",
    "AWS::Batch::JobDefinition": "batch:RegisterJobDefinition",
    "AWS::Batch::ComputeEnvironment": "batch:CreateComputeEnvironment",
    "AWS::ECS::TaskDefinition": "ecs:RegisterTaskDefinition",
    "AWS::SageMaker::Model": "sagemaker:CreateModel",
    "AWS::SageMaker::EndpointConfig": "sagemaker:CreateEndpointConfig",
    "AWS::SageMaker::MlflowApp": "sagemaker:CreateMlflowApp",
    "AWS::IAM::InstanceProfile": "iam:AddRoleToInstanceProfile",
}
# The property that names a resource of a type; where a template has none, CloudFormation makes a name up.
NAMES: Mapping[str, str] = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::SageMaker::Model": "ModelName",
    "AWS::SageMaker::EndpointConfig": "EndpointConfigName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
}

# Operations that name roles without handing them on, and services whose resources the roles are.
_READING = ("Get", "List", "Describe", "Delete")
_OF_ROLES = frozenset({"iam", "sts"})


def of_operation(action: str) -> tuple[Handover, ...]:
    """What an API operation, such as `lambda:CreateFunction`, hands over.

    One that is not in the table, and takes a role by botocore's model of it, passes it to its own service.
    """
    if action in OPERATIONS:
        return OPERATIONS[action]
    service, _, operation = action.partition(":")
    if service in _OF_ROLES or operation.startswith(_READING) or not _takes_role(service, operation):
        return ()
    return (Handover(principal=f"{service}.amazonaws.com"),)


@cache
def _takes_role(service: str, operation: str) -> bool:
    if service not in shapes.service_names():
        return False
    model = shapes.service_model(service)
    shape = model.operation_model(operation).input_shape if operation in model.operation_names else None
    return shape is not None and _holds_role(shape, 0)


def _holds_role(shape: Any, depth: int) -> bool:
    if shape.type_name == "list":
        return _holds_role(shape.member, depth + 1)
    if shape.type_name != "structure" or depth > _DEEPEST:
        return False
    return any(
        re.search("role(arn)?$", name, re.IGNORECASE)
        if member.type_name == "string"
        else _holds_role(member, depth + 1)
        for name, member in shape.members.items()
    )


def of_type(type_name: str) -> tuple[Handover, ...]:
    """What CloudFormation hands over when it makes or changes a resource of a type."""
    if type_name in _MADE_BY:
        return OPERATIONS[_MADE_BY[type_name]]
    provider, _, rest = type_name.partition("::")
    service = rest.partition("::")[0].lower()
    own = provider == "AWS" and service not in _OF_ROLES | {"cloudformation"}
    return (Handover(principal=f"{service}.amazonaws.com"),) if own else ()
