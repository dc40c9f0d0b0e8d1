"""Functions that make dataset versions."""

from collections.abc import Sequence

from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.functions.triggers import RECEIVE
from cdk_app.statements import allow, listing, objects


def settle_dataset(on: Foundation, *, settle_queue: sqs.IQueue, settle_seconds: int) -> FunctionSpec:
    """Lists what was uploaded; opens a manifest, and what S3 has no hash of."""
    storage = on.storage
    return FunctionSpec(
        name="datasets/settle_dataset",
        does="Make a version of a dataset that no longer changes",
        # A whole CPU: what was uploaded in parts is read and hashed, as fast as it comes.
        memory_mib=1769,
        timeout_seconds=120,
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "UPLOADS_BUCKET": storage.uploads.bucket_name,
            "ARTIFACTS_BUCKET": storage.artifacts.bucket_name,
            "EVENT_BUS": storage.bus.event_bus_name,
            "SETTLE_QUEUE_URL": settle_queue.queue_url,
            "SETTLE_SECONDS": str(settle_seconds),
        },
        may=[
            allow(*RECEIVE, on=settle_queue.queue_arn),
            # A timer that came too early goes on as another one.
            allow("sqs:SendMessage", on=settle_queue.queue_arn),
            listing("s3:ListBucketVersions", storage.uploads, "data/*"),
            allow("s3:GetEncryptionConfiguration", on=storage.uploads.bucket_arn),
            # By version only: what was listed is read, not what is there by now.
            allow("s3:GetObjectVersion", on=objects(storage.uploads, "data/*")),
            # The version before: what it knows of the same S3 versions is not read again.
            allow("s3:GetObject", "s3:PutObject", on=objects(storage.artifacts, "datasets/*")),
            on_ledger(storage.ledger, "GetItem", "PutItem", "UpdateItem", "Query"),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
        ],
    )


def request_query(
    on: Foundation, *, query_dataset: sfn.IStateMachine, workgroup: str, failures: sqs.IQueue
) -> FunctionSpec:
    """The only function that starts queries; one may stand in a file of the project's code."""
    storage = on.storage
    return FunctionSpec(
        name="datasets/request_query",
        does="Start the query that makes a dataset",
        memory_mib=1024,
        timeout_seconds=60,
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "EVENT_BUS": storage.bus.event_bus_name,
            "QUERY_DATASET_ARN": query_dataset.state_machine_arn,
            "QUERY_WORKGROUP": workgroup,
        },
        may=[
            on_ledger(storage.ledger, "GetItem", "PutItem", "Query"),
            allow("s3:GetObject", on=objects(storage.artifacts, "code/*")),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
            allow("states:StartExecution", on=query_dataset.state_machine_arn),
            allow("sqs:SendMessage", on=failures.queue_arn),
        ],
    )


def publish_query(on: Foundation, *, workgroups: Sequence[str]) -> FunctionSpec:
    """Reads a result whole and writes it as Parquet; may write the two objects that it writes."""
    storage = on.storage
    return FunctionSpec(
        name="datasets/publish_query",
        does="Make a query's result the dataset",
        # A CSV of 256 MiB, its columns, its columns sorted, and the file, at once.
        memory_mib=3008,
        timeout_seconds=300,
        layers=("runtime", "arrow"),
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "UPLOADS_BUCKET": storage.uploads.bucket_name,
        },
        may=[
            allow("athena:GetQueryResults", on=workgroups),
            allow("s3:GetObject", on=objects(storage.artifacts, "queries/*")),
            allow("s3:GetObject", on=objects(storage.uploads, "data/*/result.parquet")),
            allow("s3:PutObject", on=objects(storage.uploads, "data/*/result.parquet", "data/*/_SUCCESS")),
            # Without it S3 answers 403 instead of 404 where there is no result yet.
            listing("s3:ListBucket", storage.uploads, "data/*"),
            on_ledger(storage.ledger, "GetItem", "PutItem"),
        ],
    )


def fail_query(on: Foundation, *, failures: sqs.IQueue) -> FunctionSpec:
    """Also called asynchronously, by a rule: what it fails with is kept."""
    storage = on.storage
    return FunctionSpec(
        name="datasets/fail_query",
        does="Record why a query failed, and tell the projects that wait for its data",
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "EVENT_BUS": storage.bus.event_bus_name,
        },
        may=[
            on_ledger(storage.ledger, "GetItem", "PutItem", "Query"),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
            allow("sqs:SendMessage", on=failures.queue_arn),
        ],
    )
