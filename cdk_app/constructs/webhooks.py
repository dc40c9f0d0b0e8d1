"""From a request that anybody may send to a queue, and from there to the function that works it off."""

from collections.abc import Callable

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.dead_letters import keep_failed_calls
from cdk_app.constructs.scheduler_role import scheduler_role
from cdk_app.constructs.work_queue import WorkQueue
from cdk_app.functions import webhooks
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.settings import StageSettings
from cdk_app.statements import allow

TRIES = 8
"""Every twelve minutes: for longer than the hour after which GitHub's limits begin anew."""


class Webhooks(Construct):
    """A Function URL without authentication of AWS's: each body is verified by its sender's signature."""

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
        self.work = WorkQueue(self, "Work", tries=TRIES)
        queue = self.work.queue
        handle = function(webhooks.handle_delivery(on, settings=settings, queue=queue))
        self.work.feed(handle, batch_size=1, window_seconds=0, max_concurrency=5)
        self.url = _open_url(self, function(webhooks.receive_webhook(on, settings=settings, queue=queue)))
        reconcile = function(webhooks.reconcile_github(on, settings=settings, queue=queue, failures=dead))
        keep_failed_calls(self, "ReconcileFailures", function=reconcile, queue=dead)
        _schedule(self, settings, function=reconcile, dead=dead)


def _open_url(scope: Construct, function: lambda_.Function) -> str:
    """Anybody may call: AWS asks for both, the second only by way of the URL (since October 2025)."""
    url = lambda_.CfnUrl(scope, "Url", auth_type="NONE", target_function_arn=function.function_arn)
    lambda_.CfnPermission(
        scope,
        "CallUrl",
        action="lambda:InvokeFunctionUrl",
        function_name=function.function_arn,
        function_url_auth_type="NONE",
        principal="*",
    )
    lambda_.CfnPermission(
        scope,
        "InvokeByUrl",
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        invoked_via_function_url=True,
        principal="*",
    )
    return url.attr_function_url


def _schedule(
    scope: Construct, settings: StageSettings, *, function: lambda_.Function, dead: sqs.IQueue
) -> None:
    group = scheduler.CfnScheduleGroup(scope, "Group", name=f"{settings.resource_prefix}-github")
    call = allow("lambda:InvokeFunction", on=function.function_arn)
    scheduler.CfnSchedule(
        scope,
        "Reconcile",
        group_name=group.ref,
        description="Find what GitHub told and nobody heard",
        schedule_expression=settings.reconcile_schedule,
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(
            mode="FLEXIBLE", maximum_window_in_minutes=15
        ),
        target=scheduler.CfnSchedule.TargetProperty(
            arn=function.function_arn,
            role_arn=scheduler_role(scope, call, dead).role_arn,
            dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead.queue_arn),
        ),
    )
