"""Create or update a project's endpoint for a model version."""

from lambdas.connections import ledger, objects
from lambdas.hosting import hosting
from lambdas.runtime import FunctionEnvironment, environment, task
from lambdas.tracking import registry
from sluiceway.endpoints.contracts import StartDeploymentInput, StartDeploymentOutput
from sluiceway.endpoints.start_deployment import HostingSettings, start_deployment


class Environment(FunctionEnvironment):
    """Environment variables of `start_deployment`."""

    ledger_table: str
    artifacts_bucket: str
    mlflow_tracking_uri: str
    endpoint_prefix: str
    endpoint_role_arn: str


@task(StartDeploymentInput)
def handler(given: StartDeploymentInput) -> StartDeploymentOutput:
    """Task of deploy_model."""
    settings = environment(Environment)
    return start_deployment(
        given,
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        registry=registry(settings.mlflow_tracking_uri),
        hosting=hosting(),
        settings=HostingSettings(
            prefix=settings.endpoint_prefix,
            role_arn=settings.endpoint_role_arn,
            artifacts_bucket=settings.artifacts_bucket,
        ),
    )
