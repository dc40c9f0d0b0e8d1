"""Functions that hear of things by webhook, and look for what they did not hear."""

from aws_cdk import aws_sqs as sqs

from cdk_app.functions.github import LAYERS, connection, connection_names
from cdk_app.functions.ledger import on_ledger
from cdk_app.functions.spec import Foundation, FunctionSpec
from cdk_app.functions.triggers import RECEIVE
from cdk_app.settings import StageSettings
from cdk_app.statements import allow, arn, objects
from sluiceway.endpoints.resource_names import mlflow_secret_name
from sluiceway.triggers.contracts import RegistryChanged


def receive_webhook(on: Foundation, *, settings: StageSettings, queue: sqs.IQueue) -> FunctionSpec:
    """The only function that anybody can call. It may read two secrets, and pass on what is signed."""
    _, secret = connection(on, settings)
    bus = on.storage.bus
    return FunctionSpec(
        name="github/receive_webhook",
        does="Verify webhooks and put what they tell on a queue",
        timeout_seconds=10,
        reserved_concurrency=settings.webhook_concurrency or None,
        environment={
            "GITHUB_SECRET": connection_names(settings)["GITHUB_SECRET"],
            "DELIVERY_QUEUE_URL": queue.queue_url,
            "MLFLOW_SECRET": mlflow_secret_name(settings.stage),
            "EVENT_BUS": bus.event_bus_name,
        },
        may=[
            secret,
            allow("sqs:SendMessage", on=queue.queue_arn),
            allow(
                "secretsmanager:GetSecretValue",
                on=arn(on.storage, "secretsmanager", f"secret:{mlflow_secret_name(settings.stage)}-??????"),
            ),
            # A hint that the registry changed, and no other event.
            allow(
                "events:PutEvents",
                on=bus.event_bus_arn,
                when={"ForAllValues:StringEquals": {"events:detail-type": [RegistryChanged.__name__]}},
            ),
        ],
    )


def handle_delivery(on: Foundation, *, settings: StageSettings, queue: sqs.IQueue) -> FunctionSpec:
    """Opens archives of repositories: what they hold is trusted no more than what people upload."""
    storage = on.storage
    return FunctionSpec(
        name="github/handle_delivery",
        does="Take in pushes, pull requests, releases and commands",
        # As collect_uploads: an archive is held in memory, and packing a large project takes a whole CPU.
        memory_mib=1769,
        timeout_seconds=120,
        layers=LAYERS,
        environment={
            **connection_names(settings),
            "LEDGER_TABLE": storage.ledger.table_name,
            "ARTIFACTS_BUCKET": storage.artifacts.bucket_name,
            "EVENT_BUS": storage.bus.event_bus_name,
        },
        may=[
            allow(*RECEIVE, on=queue.queue_arn),
            *connection(on, settings),
            allow("s3:PutObject", on=objects(storage.artifacts, "code/*")),
            on_ledger(storage.ledger, "GetItem", "PutItem"),
            allow("events:PutEvents", on=storage.bus.event_bus_arn),
        ],
    )


def reconcile_github(
    on: Foundation, *, settings: StageSettings, queue: sqs.IQueue, failures: sqs.IQueue
) -> FunctionSpec:
    """Reads from GitHub what was missed; handling it is another function's business."""
    storage = on.storage
    return FunctionSpec(
        name="github/reconcile_github",
        does="Find what GitHub told and nobody heard",
        timeout_seconds=120,
        layers=LAYERS,
        environment={
            **connection_names(settings),
            "LEDGER_TABLE": storage.ledger.table_name,
            "DELIVERY_QUEUE_URL": queue.queue_url,
        },
        may=[
            *connection(on, settings),
            on_ledger(storage.ledger, "GetItem", "PutItem"),
            allow("sqs:SendMessage", on=[queue.queue_arn, failures.queue_arn]),
        ],
    )
