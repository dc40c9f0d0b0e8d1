"""Decide whether the model may go on."""

from lambdas.connections import ledger, objects
from lambdas.models.environment import ModelsEnvironment
from lambdas.runtime import environment, task
from lambdas.tracking import registry
from sluiceway.models.contracts import DecideGateInput, DecideGateOutput
from sluiceway.models.decide_gate import decide_gate


@task(DecideGateInput)
def handler(given: DecideGateInput) -> DecideGateOutput:
    """Task of run_pipeline."""
    settings = environment(ModelsEnvironment)
    return decide_gate(
        given,
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        registry=registry(settings.mlflow_tracking_uri),
    )
