"""Who may put what on the stage's bus: trusted accounts may ask, and nobody else may do anything."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import Construct

from cdk_app.constructs.bus_patterns import statement_conditions
from sluiceway.triggers.asked import ASKED


class BusPolicy(Construct):
    """The stage's own account is named, too: what its roles may do, their own policies say."""

    def __init__(
        self, scope: Construct, construct_id: str, *, bus: events.IEventBus, trusted_accounts: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        accounts = [stack.account, *trusted_accounts]
        events.CfnEventBusPolicy(
            self,
            "Asking",
            event_bus_name=bus.event_bus_name,
            statement_id="asking",
            statement={
                "Sid": "asking",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:{stack.partition}:iam::{each}:root" for each in accounts]},
                "Action": "events:PutEvents",
                "Resource": bus.event_bus_arn,
                "Condition": statement_conditions([kind.__name__ for kind in ASKED]),
            },
        )
