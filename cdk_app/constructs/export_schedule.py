"""The schedule on which metrics are exported."""

import json

from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_app.constructs.scheduler_role import scheduler_role
from cdk_app.settings import StageSettings
from cdk_app.statements import allow


class ExportSchedule(Construct):
    """Starts export_metrics, in a schedule group of its own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        export_metrics: sfn.IStateMachine,
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        group = scheduler.CfnScheduleGroup(self, "Group", name=settings.resource_prefix)
        call = allow("states:StartExecution", on=export_metrics.state_machine_arn)
        scheduler.CfnSchedule(
            self,
            "Schedule",
            group_name=group.ref,
            description="Export CloudWatch metrics to Parquet",
            schedule_expression=settings.export_schedule,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=export_metrics.state_machine_arn,
                role_arn=scheduler_role(self, call, dead).role_arn,
                input=json.dumps({"minutes": settings.export_minutes}),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead.queue_arn),
            ),
        )
