"""Functions that begin and end a run."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.statements import allow, listing, objects


def plan_run(on: Foundation) -> FunctionSpec:
    """Reads the code, writes the plan, finds or makes the experiment."""
    storage = on.storage
    return FunctionSpec(
        name="training/plan_run",
        does="Fix everything about a run before it starts",
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "ARTIFACTS_BUCKET": storage.artifacts.bucket_name,
            "MLFLOW_TRACKING_URI": on.tracking.uri,
        },
        may=[
            allow("s3:GetObject", on=objects(storage.artifacts, "code/*", "runs/*")),
            allow("s3:PutObject", on=objects(storage.artifacts, "runs/*")),
            on_ledger(storage.ledger, "GetItem", "UpdateItem"),
            *on.tracking.statements(),
        ],
    )


def finish_run(on: Foundation) -> FunctionSpec:
    """Records a good end, or a gate that said no."""
    return FunctionSpec(
        name="training/finish_run",
        does="Record how a run ended, and tell the bus",
        environment=_ending(on),
        may=_record_end(on),
    )


def fail_run(on: Foundation, *, failures: sqs.IQueue) -> FunctionSpec:
    """Also called by a rule, so that aborted and timed out executions are recorded."""
    artifacts = on.storage.artifacts
    return FunctionSpec(
        name="training/fail_run",
        does="Record why a run failed, with a reason that a person can act on",
        environment=_ending(on),
        may=[
            *_record_end(on),
            allow("s3:GetObject", on=objects(artifacts, "runs/*")),
            listing("s3:ListBucket", artifacts, "runs/*"),
            allow("sqs:SendMessage", on=failures.queue_arn),
        ],
    )


def _ending(on: Foundation) -> dict[str, str]:
    return {
        "LEDGER_TABLE": on.storage.ledger.table_name,
        "ARTIFACTS_BUCKET": on.storage.artifacts.bucket_name,
        "EVENT_BUS": on.storage.bus.event_bus_name,
    }


def _record_end(on: Foundation) -> list[iam.PolicyStatement]:
    return [
        on_ledger(on.storage.ledger, "GetItem", "UpdateItem"),
        allow("events:PutEvents", on=on.storage.bus.event_bus_arn),
    ]
