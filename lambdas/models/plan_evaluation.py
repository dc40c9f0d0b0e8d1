"""Decide which models are scored on the held-out rows, and by which image."""

from lambdas.connections import ledger, objects
from lambdas.models.environment import ModelsEnvironment
from lambdas.runtime import environment, task
from lambdas.tracking import registry
from sluiceway.models.contracts import PlanEvaluationInput, PlanEvaluationOutput
from sluiceway.models.plan_evaluation import plan_evaluation


@task(PlanEvaluationInput)
def handler(given: PlanEvaluationInput) -> PlanEvaluationOutput:
    """Task of run_pipeline."""
    settings = environment(ModelsEnvironment)
    return plan_evaluation(
        given,
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        registry=registry(settings.mlflow_tracking_uri),
    )
