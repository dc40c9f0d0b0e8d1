"""The SSM parameter by which a client finds everything that a stage is made of."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_app.constructs.redriving import Redriving
from cdk_app.constructs.schedules import schedule_group
from cdk_app.functions.metrics import METRICS_PREFIX
from cdk_app.functions.spec import Foundation
from cdk_app.settings import StageSettings
from cdk_app.stacks.pipeline import PipelineStack


def parameter_name(settings: StageSettings) -> str:
    """Where a client looks; also known to those who may read it before it exists."""
    return f"/sluiceway/{settings.stage}/settings"


class StageParameter(Construct):
    """`/sluiceway/<stage>/settings`: names and ARNs, as JSON, and no secret."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        foundation: Foundation,
        pipeline: PipelineStack,
        operator: iam.IRole,
        redriving: Redriving,
        webhook_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.parameter = ssm.StringParameter(
            self,
            "Settings",
            parameter_name=parameter_name(settings),
            string_value=Stack.of(self).to_json_string(
                _values(settings, foundation, pipeline)
                | {"operator_role_arn": operator.role_arn, "webhook_url": webhook_url}
                | redriving.values()
            ),
        )


def _values(settings: StageSettings, on: Foundation, pipeline: PipelineStack) -> dict[str, object]:
    return {
        "stage": settings.stage,
        "uploads_bucket": on.storage.uploads.bucket_name,
        "artifacts_bucket": on.storage.artifacts.bucket_name,
        "ledger_table": on.storage.ledger.table_name,
        "event_bus": on.storage.bus.event_bus_name,
        "run_pipeline_arn": pipeline.run_pipeline.state_machine_arn,
        "deploy_model_arn": pipeline.deploy_model.state_machine_arn,
        "build_image_arn": pipeline.build_image.state_machine_arn,
        "export_metrics_arn": pipeline.export_metrics.state_machine_arn,
        "step_log_group": on.compute.step_logs.log_group_name,
        "job_queue": on.compute.queue.job_queue_arn,
        "build_project": on.compute.build.project.ref,
        "tracking_uri": on.tracking.uri,
        "endpoint_prefix": settings.resource_prefix,
        "metrics_prefix": METRICS_PREFIX,
        "schedule_group": schedule_group(settings),
    }
