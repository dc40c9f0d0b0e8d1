"""What people look at: alarms, dashboard, the stage's settings, and the role to look with."""

import aws_cdk as cdk
from constructs import Construct

from cdk_app.constructs.actions_role import ActionsRole
from cdk_app.constructs.alarms import Alarms, incomplete_datasets
from cdk_app.constructs.dashboard import StageDashboard
from cdk_app.constructs.operator_role import OperatorRole
from cdk_app.constructs.redriving import Redriving
from cdk_app.constructs.stage_parameter import StageParameter
from cdk_app.functions.spec import Foundation
from cdk_app.settings import StageSettings
from cdk_app.stacks.pipeline import PipelineStack
from cdk_app.stacks.triggers import TriggersStack


class ObservabilityStack(cdk.Stack):
    """Nothing else depends on this stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        stack_name: str,
        foundation: Foundation,
        pipeline: PipelineStack,
        triggers: TriggersStack,
    ) -> None:
        super().__init__(scope, construct_id, stack_name=stack_name)
        machines = {
            "RunPipeline": pipeline.run_pipeline,
            "BuildImage": pipeline.build_image,
            "DeployModel": pipeline.deploy_model,
            "ExportMetrics": pipeline.export_metrics,
        }
        dead = {
            "Uploads": triggers.uploads.dead_letters,
            "Settle": triggers.settle.dead_letters,
            "Reports": triggers.reports.work.dead_letters,
            "Webhooks": triggers.webhooks.work.dead_letters,
            "Triggers": triggers.dead_letters,
            "Pipeline": pipeline.dead_letters,
        }
        Alarms(
            self,
            "Alarms",
            dead_letters=dead,
            machines=machines,
            incomplete=incomplete_datasets(settings),
            email=settings.alarm_email,
        )
        StageDashboard(
            self,
            "Overview",
            machines=machines,
            functions={**triggers.functions, **pipeline.functions},
            endpoint_prefix=settings.resource_prefix,
            step_logs=foundation.compute.step_logs,
        )
        redriving = Redriving(
            dead=dead,
            sources={
                "Uploads": triggers.uploads.queue,
                "Settle": triggers.settle.queue,
                "Reports": triggers.reports.work.queue,
                "Webhooks": triggers.webhooks.work.queue,
            },
            stacks=(triggers, pipeline),
            machines=(pipeline.deploy_model,),
            fail_run=pipeline.functions["FailRun"],
            bus=foundation.storage.bus,
        )
        operator = OperatorRole(
            self,
            "Operator",
            settings=settings,
            foundation=foundation,
            pipeline=pipeline,
            redriving=redriving,
        )
        if settings.actions_subjects:
            ActionsRole(self, "Actions", settings=settings, on=foundation)
        StageParameter(
            self,
            "Stage",
            settings=settings,
            foundation=foundation,
            pipeline=pipeline,
            operator=operator.role,
            redriving=redriving,
            webhook_url=triggers.webhooks.url,
        )
