"""Say whether the endpoint is in service, failed, or still changing."""

from lambdas.connections import ledger
from lambdas.hosting import hosting
from lambdas.runtime import FunctionEnvironment, environment, task
from sluiceway.endpoints.check_deployment import check_deployment
from sluiceway.endpoints.contracts import CheckDeploymentInput, CheckDeploymentOutput


class Environment(FunctionEnvironment):
    """Environment variables of `check_deployment`."""

    ledger_table: str


@task(CheckDeploymentInput)
def handler(given: CheckDeploymentInput) -> CheckDeploymentOutput:
    """Task of deploy_model."""
    return check_deployment(given, ledger=ledger(environment(Environment).ledger_table), hosting=hosting())
