"""Statements that `.sync` integrations need (Step Functions developer guide, "IAM policies")."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from cdk_app.statements import allow, arn


def follow(scope: IConstruct, rule: str) -> iam.PolicyStatement:
    """Allow to be told of an end by the rule that Step Functions manages under a fixed name."""
    return allow(
        "events:PutTargets", "events:PutRule", "events:DescribeRule", on=arn(scope, "events", f"rule/{rule}")
    )


def run_batch_jobs(scope: IConstruct, *, queue_arn: str, definition_prefix: str) -> list[iam.PolicyStatement]:
    """Allow `batch:submitJob.sync` on one queue, with the definitions of this stage."""
    definitions = arn(scope, "batch", f"job-definition/{definition_prefix}-*")
    return [
        allow("batch:SubmitJob", on=[queue_arn, definitions]),
        # Batch has no resource-level permissions for looking; for ending a job it has: any of this account's.
        allow("batch:DescribeJobs", on="*"),
        allow("batch:TerminateJob", on=arn(scope, "batch", "job/*")),
        follow(scope, "StepFunctionsGetEventsForBatchJobsRule"),
    ]


def run_builds(scope: IConstruct, *, project_arn: str) -> list[iam.PolicyStatement]:
    """Allow `codebuild:startBuild.sync` on one project."""
    return [
        allow("codebuild:StartBuild", "codebuild:StopBuild", "codebuild:BatchGetBuilds", on=project_arn),
        follow(scope, "StepFunctionsGetEventForCodeBuildStartBuildRule"),
    ]


def run_machines(scope: IConstruct, *machine_arns: str) -> list[iam.PolicyStatement]:
    """Allow `states:startExecution.sync:2` on some machines, and to follow and stop what was started."""
    executions = [executions_of(machine) for machine in machine_arns]
    return [
        allow("states:StartExecution", on=list(machine_arns)),
        allow("states:DescribeExecution", "states:StopExecution", on=executions),
        follow(scope, "StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    ]


def executions_of(machine_arn: str) -> str:
    """ARN pattern of every execution of a machine."""
    # arn:aws:states:region:account:stateMachine:name → arn:aws:states:region:account:execution:name:*
    parts = cdk.Fn.split(":", machine_arn, 7)
    return cdk.Fn.join(":", [*parts[:5], "execution", parts[6], "*"])
