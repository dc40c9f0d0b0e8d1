"""When it is looked whether somebody moved an alias: on a schedule, and when the registry says so."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.bus_patterns import published
from cdk_app.constructs.scheduler_role import scheduler_role
from cdk_app.settings import StageSettings
from cdk_app.statements import allow
from sluiceway.triggers.contracts import RegistryChanged


class RegistrySweep(Construct):
    """Calls sweep_registry, in a schedule group of its own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        bus: events.IEventBus,
        sweep_registry: lambda_.IFunction,
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        group = scheduler.CfnScheduleGroup(self, "Group", name=f"{settings.resource_prefix}-registry")
        call = allow("lambda:InvokeFunction", on=sweep_registry.function_arn)
        scheduler.CfnSchedule(
            self,
            "Schedule",
            group_name=group.ref,
            description="Look whether somebody moved the alias champion",
            schedule_expression=settings.registry_sweep,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=sweep_registry.function_arn,
                role_arn=scheduler_role(self, call, dead).role_arn,
                input="{}",
                # The next sweep finds what this one missed.
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=60, maximum_retry_attempts=0
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead.queue_arn),
            ),
        )
        events.Rule(
            self,
            "Changed",
            event_bus=bus,
            description="The registry says that an alias was moved",
            event_pattern=published(self, RegistryChanged.__name__),
            targets=[targets.LambdaFunction(sweep_registry, dead_letter_queue=dead)],
        )
