"""The event bus: facts in the past tense, kept so that they can be replayed."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import Construct

from sluiceway.triggers.contracts import EVENT_SOURCE


class Events(Construct):
    """A bus of our own with an archive."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, archive_days: int) -> None:
        super().__init__(scope, construct_id)
        # Without a name the CDK gives one that is the same for every stage of an account.
        self.bus = events.EventBus(self, "Bus", event_bus_name=name)
        events.Archive(
            self,
            "Archive",
            source_event_bus=self.bus,
            event_pattern=events.EventPattern(source=[EVENT_SOURCE]),
            retention=cdk.Duration.days(archive_days),
        )
