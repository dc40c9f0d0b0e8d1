"""Takes in each upload of a batch; only those that failed are delivered again."""

from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import Field

from lambdas.batches import message_processor
from lambdas.connections import events, ledger, objects
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.gateways.queues import SqsQueue
from sluiceway.triggers.collect_uploads import collect_message
from sluiceway.triggers.collection import Collection

processor = message_processor()


class Environment(FunctionEnvironment):
    """Environment variables of `collect_uploads`."""

    ledger_table: str
    uploads_bucket: str
    artifacts_bucket: str
    event_bus: str
    settle_queue_url: str
    settle_seconds: float = Field(ge=0, le=86400)


@instrumented
def handler(event: Event, context: Any) -> Any:
    """SQS messages that carry EventBridge's `Object Created` and `Object Deleted` events."""
    return process_partial_response(
        event=event, record_handler=_collect, processor=processor, context=context
    )


def _collect(record: SQSRecord) -> None:
    collected = collect_message(record.body, _collection())
    logger.info("upload collected", extra={"upload": collected.model_dump(exclude_none=True)})


def _collection() -> Collection:
    settings = environment(Environment)
    return Collection(
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        events=events(settings.event_bus),
        settle_queue=SqsQueue(client("sqs"), settings.settle_queue_url),
        artifacts_bucket=settings.artifacts_bucket,
        settle_seconds=settings.settle_seconds,
    )
