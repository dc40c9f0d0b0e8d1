"""From an event on the bus to the function that starts queries."""

from collections.abc import Callable

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.bus_patterns import asked, published
from cdk_app.constructs.dead_letters import keep_failed_calls
from cdk_app.functions import datasets
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.settings import StageSettings
from cdk_app.stacks.pipeline import PipelineStack
from sluiceway.triggers.contracts import QueryAsked


class QueryRequests(Construct):
    """Schedules ask in the platform's name, people in their own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StageSettings,
        on: Foundation,
        pipeline: PipelineStack,
        function: Callable[[FunctionSpec], lambda_.Function],
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        request = function(
            datasets.request_query(
                on,
                query_dataset=pipeline.query_dataset,
                workgroup=settings.resource_prefix,
                failures=dead,
            )
        )
        keep_failed_calls(self, "Failures", function=request, queue=dead)
        name = QueryAsked.__name__
        for rule, pattern in {"Due": published(self, name), "Asked": asked(name)}.items():
            events.Rule(
                self,
                rule,
                event_bus=on.storage.bus,
                description="The query of a dataset is due, or somebody asks for it",
                event_pattern=pattern,
                targets=[targets.LambdaFunction(request, dead_letter_queue=dead)],
            )
