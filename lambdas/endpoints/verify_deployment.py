"""Invoke the endpoint and compare its answer with the one noted at evaluation."""

from lambdas.connections import ledger, objects
from lambdas.runtime import FunctionEnvironment, client, environment, task
from sluiceway.endpoints.contracts import VerifyDeploymentInput, VerifyDeploymentOutput
from sluiceway.endpoints.verify_deployment import verify_deployment
from sluiceway.gateways.invocations import SageMakerInvocations


class Environment(FunctionEnvironment):
    """Environment variables of `verify_deployment`."""

    ledger_table: str
    artifacts_bucket: str


@task(VerifyDeploymentInput)
def handler(given: VerifyDeploymentInput) -> VerifyDeploymentOutput:
    """Task of deploy_model."""
    settings = environment(Environment)
    return verify_deployment(
        given,
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        invocations=SageMakerInvocations(client("sagemaker-runtime")),
        artifacts_bucket=settings.artifacts_bucket,
    )
