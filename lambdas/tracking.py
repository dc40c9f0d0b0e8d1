"""MLflow, for the functions that need it."""

from functools import cache

from sluiceway.gateways.mlflow_rest import MlflowRest
from sluiceway.gateways.registry import MlflowRegistry


@cache
def registry(tracking_uri: str) -> MlflowRegistry:
    """MLflow; its credentials and connections are kept between invocations."""
    return MlflowRegistry(MlflowRest(tracking_uri))
