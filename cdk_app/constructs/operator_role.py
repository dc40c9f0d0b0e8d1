"""The role of people: what the `sluice` command does, and nothing else."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.constructs.redriving import Redriving
from cdk_app.constructs.schedules import schedule_group
from cdk_app.constructs.stage_parameter import parameter_name
from cdk_app.functions.metrics import METRICS_PREFIX
from cdk_app.functions.schedules import schedules_of
from cdk_app.functions.spec import Foundation
from cdk_app.machines.integrations import executions_of
from cdk_app.settings import StageSettings
from cdk_app.stacks.pipeline import PipelineStack
from cdk_app.statements import allow, arn, inline, listing, objects
from sluiceway.github import settings as github
from sluiceway.triggers.asked import ASKED, OPERATOR_SOURCE


class OperatorRole(Construct):
    """Assumed by identities of the account that may assume roles at all."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        foundation: Foundation,
        pipeline: PipelineStack,
        redriving: Redriving,
    ) -> None:
        super().__init__(scope, construct_id)
        statements = [
            # By its name: the parameter holds this role's ARN, so the role cannot wait for the parameter's.
            allow("ssm:GetParameter", on=arn(self, "ssm", f"parameter{parameter_name(settings)}")),
            *_push(foundation),
            *_ask(foundation),
            *_connect(foundation, settings),
            *_look(foundation, pipeline),
            # `sluice schedules`
            allow("scheduler:GetSchedule", on=schedules_of(foundation, schedule_group(settings))),
            *_use(settings.resource_prefix, foundation, pipeline.export_metrics),
            *redriving.statements(),
        ]
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.AccountRootPrincipal(),
            description="What the sluice command does",
            inline_policies=inline(statements),
        )


def _push(on: Foundation) -> list[iam.PolicyStatement]:
    """`sluice push`."""
    return [
        allow("s3:PutObject", "s3:AbortMultipartUpload", on=objects(on.storage.uploads, "code/*", "data/*"))
    ]


def _ask(on: Foundation) -> list[iam.PolicyStatement]:
    """`sluice run`, `deploy`, `approve`, `rollback`: wishes in the name of people, never facts."""
    asked = {"events:source": [OPERATOR_SOURCE], "events:detail-type": [kind.__name__ for kind in ASKED]}
    bus = on.storage.bus.event_bus_arn
    return [allow("events:PutEvents", on=bus, when={"ForAllValues:StringEquals": asked})]


def _connect(on: Foundation, settings: StageSettings) -> list[iam.PolicyStatement]:
    """`sluice github`: what it writes is not part of the stacks."""
    name = f"secret:{github.secret_name(settings.stage)}"
    secret = arn(on.storage, "secretsmanager", f"{name}-??????")
    return [
        allow(
            "ssm:GetParameter",
            "ssm:PutParameter",
            on=arn(on.storage, "ssm", f"parameter{github.parameter_name(settings.stage)}"),
        ),
        # To change one thing of the secret the others are read. Its last six characters come with it.
        allow("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", on=secret),
        allow("secretsmanager:CreateSecret", on=[secret, arn(on.storage, "secretsmanager", name)]),
    ]


def _look(on: Foundation, pipeline: PipelineStack) -> list[iam.PolicyStatement]:
    """`sluice runs`, `watch`, `logs`, `models`, `endpoints`."""
    machines = (pipeline.run_pipeline, pipeline.build_image, pipeline.deploy_model)
    table = on.storage.ledger.table_arn
    return [
        allow("dynamodb:GetItem", on=table),
        # The table itself: versions of one dataset or project, by their first digits.
        allow("dynamodb:Query", on=[table, f"{table}/index/by_kind"]),
        allow("states:GetExecutionHistory", on=[executions_of(machine) for machine in machines]),
        allow("batch:DescribeJobs", "batch:ListJobs", on="*"),
        allow("logs:GetLogEvents", on=on.compute.step_logs.log_group_arn),
        # `sluice data`: manifests, and the very versions of objects that they name.
        allow("s3:GetObject", on=objects(on.storage.artifacts, "datasets/*")),
        allow("s3:GetObjectVersion", on=objects(on.storage.uploads, "data/*")),
        # Without it S3 answers 403 instead of 404 for one that was deleted for good.
        listing("s3:ListBucket", on.storage.uploads, "data/*"),
        # `sluice scores`, and what `sluice export` has written, to be read back.
        allow("s3:GetObject", on=objects(on.storage.artifacts, "runs/*/evaluation/*")),
        allow("s3:GetObject", on=objects(on.storage.artifacts, f"{METRICS_PREFIX}/*")),
        listing("s3:ListBucket", on.storage.artifacts, f"{METRICS_PREFIX}/*"),
        *on.tracking.statements(),
        *on.tracking.browsing(),
    ]


def _use(prefix: str, on: Foundation, export_metrics: sfn.StateMachine) -> list[iam.PolicyStatement]:
    """`sluice invoke` and `sluice export`."""
    endpoints = arn(on.compute, "sagemaker", f"endpoint/{prefix}-*")
    return [
        allow("sagemaker:InvokeEndpoint", on=endpoints),
        allow("states:StartExecution", on=export_metrics.state_machine_arn),
        allow("states:DescribeExecution", on=executions_of(export_metrics)),
    ]
