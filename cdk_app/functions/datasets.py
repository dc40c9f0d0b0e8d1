"""Functions that make dataset versions."""

from aws_cdk import aws_sqs as sqs

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.functions.triggers import RECEIVE
from cdk_app.statements import allow, listing, objects


def settle_dataset(on: Foundation, *, settle_queue: sqs.IQueue) -> FunctionSpec:
    """Lists what was uploaded and never opens it."""
    storage = on.storage
    return FunctionSpec(
        name="datasets/settle_dataset",
        does="Make a version of a dataset that no longer changes",
        memory_mib=1024,
        timeout_seconds=120,
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "UPLOADS_BUCKET": storage.uploads.bucket_name,
            "ARTIFACTS_BUCKET": storage.artifacts.bucket_name,
            "EVENT_BUS": storage.bus.event_bus_name,
        },
        may=[
            allow(*RECEIVE, on=settle_queue.queue_arn),
            listing("s3:ListBucketVersions", storage.uploads, "data/*"),
            allow("s3:PutObject", on=objects(storage.artifacts, "datasets/*")),
            on_ledger(storage.ledger, "GetItem", "PutItem", "Query"),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
        ],
    )
