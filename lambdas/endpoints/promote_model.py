"""Make the verified model version the champion."""

from lambdas.connections import events, ledger
from lambdas.runtime import FunctionEnvironment, environment, task
from lambdas.tracking import registry
from sluiceway.endpoints.contracts import PromoteModelInput, PromoteModelOutput
from sluiceway.endpoints.promote_model import promote_model


class Environment(FunctionEnvironment):
    """Environment variables of `promote_model`."""

    ledger_table: str
    mlflow_tracking_uri: str
    event_bus: str


@task(PromoteModelInput)
def handler(given: PromoteModelInput) -> PromoteModelOutput:
    """Task of deploy_model."""
    settings = environment(Environment)
    return promote_model(
        given,
        ledger=ledger(settings.ledger_table),
        registry=registry(settings.mlflow_tracking_uri),
        events=events(settings.event_bus),
    )
