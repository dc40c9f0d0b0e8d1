"""Settles the datasets of a batch of messages; only those that failed are delivered again."""

from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.batches import message_processor
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.settle_dataset import Settling, settle_dataset
from sluiceway.gateways.dynamodb import DynamoTable
from sluiceway.gateways.events import EventBridgeEvents
from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.objects import S3Objects

processor = message_processor()


class Environment(FunctionEnvironment):
    """Environment variables of `settle_dataset`."""

    ledger_table: str
    uploads_bucket: str
    artifacts_bucket: str
    event_bus: str


@instrumented
def handler(event: Event, context: Any) -> Any:
    """SQS messages that `collect_uploads` sent, each a `SettleDatasetInput`."""
    return process_partial_response(event=event, record_handler=_settle, processor=processor, context=context)


def _settle(record: SQSRecord) -> None:
    settled = settle_dataset(SettleDatasetInput.model_validate_json(record.body), _settling())
    logger.info("dataset settled", extra={"settled": settled.model_dump(exclude_none=True)})


def _settling() -> Settling:
    settings = environment(Environment)
    return Settling(
        ledger=Ledger(DynamoTable(client("dynamodb"), settings.ledger_table)),
        objects=S3Objects(client("s3")),
        events=EventBridgeEvents(client("events"), settings.event_bus),
        uploads_bucket=settings.uploads_bucket,
        artifacts_bucket=settings.artifacts_bucket,
    )
