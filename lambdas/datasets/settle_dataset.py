"""Settles the datasets of a batch of messages; only those that failed are delivered again."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import Field

from lambdas.batches import message_processor
from lambdas.connections import events, ledger, objects
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger, metrics
from sluiceway.datasets.contracts import INCOMPLETE, SettleDatasetInput
from sluiceway.datasets.settle_dataset import Settling, settle_dataset
from sluiceway.gateways.queues import SqsQueue

processor = message_processor()
RESERVED = 20.0
"""seconds that are left for everything but reading"""


class Environment(FunctionEnvironment):
    """Environment variables of `settle_dataset`."""

    ledger_table: str
    uploads_bucket: str
    artifacts_bucket: str
    event_bus: str
    settle_queue_url: str
    settle_seconds: float = Field(ge=0, le=86400)


@instrumented
def handler(event: Event, context: Any) -> Any:
    """SQS messages that `collect_uploads` and this function sent, each a `SettleDatasetInput`."""
    processor.lambda_context = context
    return process_partial_response(event=event, record_handler=_settle, processor=processor, context=context)


def _settle(record: SQSRecord) -> None:
    settled = settle_dataset(SettleDatasetInput.model_validate_json(record.body), _settling())
    logger.info("dataset looked at", extra={"settled": settled.model_dump(exclude_none=True)})
    if settled.outcome == "incomplete":
        metrics.add_dimension(name="stage", value=environment(FunctionEnvironment).stage)
        metrics.add_metric(name=INCOMPLETE, unit=MetricUnit.Count, value=1)


def _settling() -> Settling:
    settings = environment(Environment)
    return Settling(
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        events=events(settings.event_bus),
        uploads_bucket=settings.uploads_bucket,
        artifacts_bucket=settings.artifacts_bucket,
        settle_queue=SqsQueue(client("sqs"), settings.settle_queue_url),
        settle_seconds=settings.settle_seconds,
        seconds_left=_seconds_left,
    )


def _seconds_left() -> float:
    return processor.lambda_context.get_remaining_time_in_millis() / 1000 - RESERVED
