"""From an event on the bus to the function that starts runs."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.bus_patterns import asked, published
from sluiceway.triggers.contracts import RunAsked
from sluiceway.triggers.decide import CAUSES


class RunRequests(Construct):
    """New code, new data, schedules and wishes may ask for runs; request_runs decides."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bus: events.IEventBus,
        request_runs: lambda_.IFunction,
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        events.Rule(
            self,
            "Rule",
            event_bus=bus,
            description="Something that may ask for a run",
            event_pattern=published(self, *CAUSES),
            targets=[targets.LambdaFunction(request_runs, dead_letter_queue=dead)],
        )
        events.Rule(
            self,
            "Asked",
            event_bus=bus,
            description="Somebody asks for a run",
            event_pattern=asked(RunAsked.__name__),
            targets=[targets.LambdaFunction(request_runs, dead_letter_queue=dead)],
        )
