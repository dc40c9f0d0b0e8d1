"""The schedules of projects: a group that the stack owns, the role under which they fire, who keeps them."""

from collections.abc import Callable

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.bus_patterns import published
from cdk_app.constructs.dead_letters import keep_failed_calls
from cdk_app.constructs.scheduler_role import scheduler_role
from cdk_app.functions import schedules
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.settings import StageSettings
from cdk_app.statements import allow, arn
from sluiceway.schedules.contracts import CAUSES
from sluiceway.triggers.contracts import RunFinished


def schedule_group(settings: StageSettings) -> str:
    """Name of the group; also known to those who may look into it before it exists."""
    return f"{settings.resource_prefix}-projects"


class ProjectSchedules(Construct):
    """With the stack goes the group, and with it all schedules that pushes have made in it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        on: Foundation,
        function: Callable[[FunctionSpec], lambda_.Function],
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        group = schedule_group(settings)
        scheduler.CfnScheduleGroup(self, "Group", name=group)
        call = allow("events:PutEvents", on=on.storage.bus.event_bus_arn)
        role = scheduler_role(self, call, dead, group_arn=arn(self, "scheduler", f"schedule-group/{group}"))
        sync = function(schedules.sync_schedules(on, group=group, role=role, dead=dead))
        resume = function(schedules.resume_schedule(on, failures=dead))
        called = {"Sync": (tuple(CAUSES), sync), "Resume": ((RunFinished.__name__,), resume)}
        for name, (detail_types, made) in called.items():
            events.Rule(
                self,
                f"{name}Rule",
                event_bus=on.storage.bus,
                description=f"{' and '.join(detail_types)} may concern schedules",
                event_pattern=published(self, *detail_types),
                targets=[targets.LambdaFunction(made, dead_letter_queue=dead)],
            )
            keep_failed_calls(self, f"{name}Failures", function=made, queue=dead)
