"""Statements that `.sync` integrations need (Step Functions developer guide, "IAM policies")."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
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


def run_machines(scope: IConstruct, *machines: sfn.StateMachine) -> list[iam.PolicyStatement]:
    """Allow `states:startExecution.sync:2` on some machines, and to follow and stop what was started."""
    return [
        allow("states:StartExecution", on=[machine.state_machine_arn for machine in machines]),
        allow(
            "states:DescribeExecution",
            "states:StopExecution",
            on=[executions_of(machine) for machine in machines],
        ),
        follow(scope, "StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    ]


def executions_of(machine: sfn.StateMachine) -> str:
    """ARN pattern of every execution of a machine."""
    return arn(machine, "states", f"execution:{machine.state_machine_name}:*")
