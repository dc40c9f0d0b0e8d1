"""Fix everything about a run before it starts."""

from lambdas.connections import ledger, objects
from lambdas.runtime import FunctionEnvironment, environment, task
from lambdas.tracking import registry
from sluiceway.images.platform_files import platform_files
from sluiceway.training.contracts import PlanRunInput, PlanRunOutput
from sluiceway.training.plan_run import plan_run


class Environment(FunctionEnvironment):
    """Environment variables of `plan_run`."""

    ledger_table: str
    artifacts_bucket: str
    mlflow_tracking_uri: str


@task(PlanRunInput)
def handler(given: PlanRunInput) -> PlanRunOutput:
    """Task of run_pipeline."""
    settings = environment(Environment)
    return plan_run(
        given,
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        registry=registry(settings.mlflow_tracking_uri),
        artifacts_bucket=settings.artifacts_bucket,
        tracking_uri=settings.mlflow_tracking_uri,
        platform=platform_files(),
    )
