"""Register the run's model in MLflow, once."""

from lambdas.connections import events, ledger, objects
from lambdas.models.environment import ModelsEnvironment
from lambdas.runtime import environment, task
from lambdas.tracking import registry
from sluiceway.models.contracts import RegisterModelInput, RegisterModelOutput
from sluiceway.models.register_model import register_model


class Environment(ModelsEnvironment):
    """Environment variables of `register_model`."""

    event_bus: str


@task(RegisterModelInput)
def handler(given: RegisterModelInput) -> RegisterModelOutput:
    """Task of run_pipeline."""
    settings = environment(Environment)
    return register_model(
        given,
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        registry=registry(settings.mlflow_tracking_uri),
        events=events(settings.event_bus),
    )
