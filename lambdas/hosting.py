"""SageMaker, for the functions that need it."""

from lambdas.runtime import client
from sluiceway.gateways.hosting import SageMakerHosting


def hosting() -> SageMakerHosting:
    """SageMaker's endpoints and models."""
    return SageMakerHosting(client("sagemaker"))
