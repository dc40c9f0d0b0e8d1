"""Restore the previous endpoint configuration and record why the deployment failed."""

from lambdas.connections import events, ledger
from lambdas.hosting import hosting
from lambdas.runtime import FunctionEnvironment, environment, task
from sluiceway.endpoints.contracts import FailDeploymentInput, FailDeploymentOutput
from sluiceway.endpoints.fail_deployment import fail_deployment


class Environment(FunctionEnvironment):
    """Environment variables of `fail_deployment`."""

    ledger_table: str
    endpoint_prefix: str
    event_bus: str


@task(FailDeploymentInput)
def handler(given: FailDeploymentInput) -> FailDeploymentOutput:
    """Task of deploy_model."""
    settings = environment(Environment)
    return fail_deployment(
        given,
        ledger=ledger(settings.ledger_table),
        hosting=hosting(),
        events=events(settings.event_bus),
        prefix=settings.endpoint_prefix,
    )
