"""Looks for what GitHub told and nobody heard."""

from typing import Any

from lambdas.connections import ledger
from lambdas.github.connection import ConnectedEnvironment, connected, connected_settings
from lambdas.runtime import Event, client, environment, instrumented, logger
from sluiceway.gateways.github import RestGitHub
from sluiceway.gateways.queues import SqsQueue
from sluiceway.github.contracts import ReconcileGitHubOutput
from sluiceway.github.reconcile_github import Reconciling, reconcile_github


class Environment(ConnectedEnvironment):
    """Environment variables of `reconcile_github`."""

    delivery_queue_url: str


@instrumented
def handler(_event: Event, _context: Any) -> Event:
    """Called by a schedule; a stage that is not connected costs one look at a parameter."""
    settings = environment(Environment)
    nothing = ReconcileGitHubOutput(repositories=0, missed=())
    found = reconcile_github(_reconciling(settings)) if connected_settings(settings) else nothing
    logger.info("GitHub reconciled", extra={"found": found.model_dump()})
    return found.model_dump(mode="json")


def _reconciling(settings: Environment) -> Reconciling:
    connection = connected(settings)
    return Reconciling(
        ledger=ledger(settings.ledger_table),
        github=RestGitHub(connection.rest),
        settings=connection.settings,
        queue=SqsQueue(client("sqs"), settings.delivery_queue_url),
        is_app=connection.is_app,
    )
