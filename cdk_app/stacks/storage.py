"""What is remembered: buckets, ledger, events."""

import aws_cdk as cdk
from constructs import Construct

from cdk_app.constructs.buckets import Buckets
from cdk_app.constructs.bus_policy import BusPolicy
from cdk_app.constructs.events import Events
from cdk_app.constructs.ledger import Ledger
from cdk_app.settings import StageSettings


class StorageStack(cdk.Stack):
    """Everything that holds state; nothing here costs money while it is empty."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: StageSettings, stack_name: str
    ) -> None:
        super().__init__(scope, construct_id, stack_name=stack_name)
        buckets = Buckets(self, "Buckets", keep=settings.keep_data)
        self.uploads = buckets.uploads
        self.artifacts = buckets.artifacts
        self.ledger = Ledger(self, "Ledger", keep=settings.keep_data).table
        self.bus = Events(
            self, "Events", name=settings.resource_prefix, archive_days=settings.archive_days
        ).bus
        BusPolicy(self, "BusPolicy", bus=self.bus, trusted_accounts=settings.trusted_accounts)
