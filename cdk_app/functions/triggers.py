"""Functions that turn uploads into events, and events into runs."""

from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.machines.integrations import executions_of
from cdk_app.statements import allow, listing, objects

RECEIVE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""What an event source mapping does on a queue, under the function's role."""


def collect_uploads(
    on: Foundation, *, uploads_queue: sqs.IQueue, settle_queue: sqs.IQueue, settle_seconds: int
) -> FunctionSpec:
    """The only function that opens what people push."""
    storage = on.storage
    return FunctionSpec(
        name="triggers/collect_uploads",
        does="Verify uploaded code and note uploaded data",
        # An archive is read into memory whole, up to the limit that the function sets itself. Packing the
        # largest takes a whole CPU 15 s; a batch that runs out of time takes its good messages with it.
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
            allow(*RECEIVE, on=uploads_queue.queue_arn),
            # By version only, as events of a versioned bucket name it: what was announced is read, not what
            # is there by now.
            allow("s3:GetObjectVersion", on=objects(storage.uploads, "code/*")),
            # Without it S3 answers 403 instead of 404 for an upload that was deleted meanwhile.
            listing("s3:ListBucket", storage.uploads, "code/*"),
            allow("s3:PutObject", on=objects(storage.artifacts, "code/*")),
            on_ledger(storage.ledger, "GetItem", "PutItem"),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
            allow("sqs:SendMessage", on=settle_queue.queue_arn),
        ],
    )


def request_runs(on: Foundation, *, run_pipeline: sfn.StateMachine, failures: sqs.IQueue) -> FunctionSpec:
    """The only function that starts runs."""
    storage = on.storage
    return FunctionSpec(
        name="triggers/request_runs",
        does="Claim and start the runs that an event asks for",
        environment={
            "LEDGER_TABLE": storage.ledger.table_name,
            "EVENT_BUS": storage.bus.event_bus_name,
            "RUN_PIPELINE_ARN": run_pipeline.state_machine_arn,
        },
        may=[
            on_ledger(storage.ledger, "GetItem", "PutItem", "UpdateItem", "Query"),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
            allow("states:StartExecution", on=run_pipeline.state_machine_arn),
            # A schedule may cancel the run that goes on when its next moment comes.
            allow("states:StopExecution", on=executions_of(run_pipeline)),
            allow("sqs:SendMessage", on=failures.queue_arn),
        ],
    )
