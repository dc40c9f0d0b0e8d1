"""Handles each delivery of a batch; only those that failed are delivered again."""

from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.batches import message_processor
from lambdas.connections import events, ledger, objects
from lambdas.github.connection import ConnectedEnvironment, connected
from lambdas.runtime import Event, environment, instrumented, logger
from sluiceway.gateways.github import RestGitHub
from sluiceway.github.contracts import Delivery
from sluiceway.github.handle_delivery import handle_delivery
from sluiceway.github.handling import Handling
from sluiceway.images.platform_files import platform_files

processor = message_processor()


class Environment(ConnectedEnvironment):
    """Environment variables of `handle_delivery`."""

    artifacts_bucket: str
    event_bus: str


@instrumented
def handler(event: Event, context: Any) -> Any:
    """SQS messages of `receive_webhook` and `reconcile_github`, each a `Delivery`."""
    return process_partial_response(event=event, record_handler=_handle, processor=processor, context=context)


def _handle(record: SQSRecord) -> None:
    handled = handle_delivery(Delivery.model_validate_json(record.body), _handling())
    logger.info("delivery handled", extra={"handled": handled.model_dump(exclude_none=True)})


def _handling() -> Handling:
    settings = environment(Environment)
    connection = connected(settings)
    return Handling(
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        events=events(settings.event_bus),
        github=RestGitHub(connection.rest),
        settings=connection.settings,
        artifacts_bucket=settings.artifacts_bucket,
        platform=platform_files(),
    )
