"""Functions that compare, register and judge models."""

from aws_cdk import aws_iam as iam

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.statements import allow, listing, objects


def plan_evaluation(on: Foundation) -> FunctionSpec:
    """Reads what the steps left, writes the jobs that score."""
    return FunctionSpec(
        name="models/plan_evaluation",
        does="Decide which models are scored on the held-out rows, and by which image",
        environment=_environment(on),
        may=[
            *_run_files(on, write=True),
            # Without it S3 answers 403, not 404, where a step left no result; nobody could tell why.
            listing("s3:ListBucket", on.storage.artifacts, "runs/*"),
            on_ledger(on.storage.ledger, "GetItem"),
            *on.tracking.statements(),
        ],
    )


def register_model(on: Foundation) -> FunctionSpec:
    """Registers in MLflow under a claim in the ledger, since MLflow itself cannot tell a repeated call."""
    bus = on.storage.bus
    return FunctionSpec(
        name="models/register_model",
        does="Register the run's model in MLflow, once",
        environment=_environment(on) | {"EVENT_BUS": bus.event_bus_name},
        may=[
            *_run_files(on, write=False),
            on_ledger(on.storage.ledger, "GetItem", "UpdateItem"),
            allow("events:PutEvents", on=bus.event_bus_arn),
            *on.tracking.statements(),
        ],
    )


def decide_gate(on: Foundation) -> FunctionSpec:
    """Applies the project's rule to the scores."""
    return FunctionSpec(
        name="models/decide_gate",
        does="Decide whether the model may go on",
        environment=_environment(on),
        may=[
            *_run_files(on, write=False),
            on_ledger(on.storage.ledger, "GetItem", "PutItem", "UpdateItem"),
            *on.tracking.statements(),
        ],
    )


def _environment(on: Foundation) -> dict[str, str]:
    return {
        "LEDGER_TABLE": on.storage.ledger.table_name,
        "MLFLOW_TRACKING_URI": on.tracking.uri,
    }


def _run_files(on: Foundation, *, write: bool) -> list[iam.PolicyStatement]:
    actions = ("s3:GetObject", "s3:PutObject") if write else ("s3:GetObject",)
    return [allow(*actions, on=objects(on.storage.artifacts, "runs/*"))]
