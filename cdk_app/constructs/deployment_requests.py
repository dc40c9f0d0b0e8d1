"""From an event on the bus to the function that starts deployments that somebody asked for."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_app.constructs.bus_patterns import asked, published
from sluiceway.triggers.contracts import DeploymentAsked


class DeploymentRequests(Construct):
    """The platform's own sweep of the registry asks, and so may people; request_deployment decides."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bus: events.IEventBus,
        request_deployment: lambda_.IFunction,
        dead: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        name = DeploymentAsked.__name__
        for rule, pattern in (("Rule", published(self, name)), ("Asked", asked(name))):
            events.Rule(
                self,
                rule,
                event_bus=bus,
                description="Somebody asks for a deployment",
                event_pattern=pattern,
                targets=[targets.LambdaFunction(request_deployment, dead_letter_queue=dead)],
            )
