"""Settles the datasets of a batch of messages; only those that failed are delivered again."""

from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.batches import message_processor
from lambdas.connections import events, ledger, objects
from lambdas.runtime import Event, FunctionEnvironment, environment, instrumented, logger
from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.settle_dataset import Settling, settle_dataset

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
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        events=events(settings.event_bus),
        uploads_bucket=settings.uploads_bucket,
        artifacts_bucket=settings.artifacts_bucket,
    )
