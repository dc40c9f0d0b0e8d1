"""What nearly every function is connected to, on this process's AWS clients: ledger, buckets and bus.

MLflow and SageMaker have modules of their own: whoever does not need them should not import them.
"""

from lambdas.runtime import client
from sluiceway.gateways.dynamodb import DynamoTable
from sluiceway.gateways.events import EventBridgeEvents
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.objects import S3Objects


def ledger(table: str) -> Ledger:
    """The ledger on its table."""
    return Ledger(DynamoTable(client("dynamodb"), table))


def objects() -> S3Objects:
    """All buckets that the function's role can reach."""
    return S3Objects(client("s3"))


def events(bus: str) -> EventBridgeEvents:
    """The bus."""
    return EventBridgeEvents(client("events"), bus)
