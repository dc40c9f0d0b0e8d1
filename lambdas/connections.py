"""Gateways on this process's AWS clients: a handler takes from here what its use case needs."""

from functools import cache

from lambdas.runtime import client
from sluiceway.gateways.dynamodb import DynamoTable
from sluiceway.gateways.events import EventBridgeEvents
from sluiceway.gateways.hosting import SageMakerHosting
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.mlflow_rest import MlflowRest
from sluiceway.gateways.objects import S3Objects
from sluiceway.gateways.registry import MlflowRegistry


def ledger(table: str) -> Ledger:
    """The ledger on its table."""
    return Ledger(DynamoTable(client("dynamodb"), table))


def objects() -> S3Objects:
    """All buckets that the function's role can reach."""
    return S3Objects(client("s3"))


def events(bus: str) -> EventBridgeEvents:
    """The bus."""
    return EventBridgeEvents(client("events"), bus)


@cache
def registry(tracking_uri: str) -> MlflowRegistry:
    """MLflow; its credentials and connections are kept between invocations."""
    return MlflowRegistry(MlflowRest(tracking_uri))


def hosting() -> SageMakerHosting:
    """SageMaker."""
    return SageMakerHosting(client("sagemaker"))
