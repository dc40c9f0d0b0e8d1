"""The ledger: the table of events, runs, claims and deployments."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

_STRING = dynamodb.AttributeType.STRING


class Ledger(Construct):
    """One on-demand table with point-in-time recovery, and an index for listings by kind and time."""

    def __init__(self, scope: Construct, construct_id: str, *, keep: bool) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=_STRING),
            sort_key=dynamodb.Attribute(name="sk", type=_STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=keep,
            removal_policy=cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY,
        )
        self.table.add_global_secondary_index(
            index_name="by_kind",
            partition_key=dynamodb.Attribute(name="kind", type=_STRING),
            sort_key=dynamodb.Attribute(name="at", type=_STRING),
        )
