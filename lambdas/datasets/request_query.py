"""Starts the query of a dataset that an event on the bus asks for."""

from typing import Any

from lambdas.connections import events, ledger, objects
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.datasets.request_query import Asking, request_query
from sluiceway.gateways.executions import StepFunctionsExecutions
from sluiceway.triggers.asked import Envelope
from sluiceway.triggers.contracts import QueryAsked
from sluiceway.triggers.take_event import take_event


class Environment(FunctionEnvironment):
    """Environment variables of `request_query`."""

    ledger_table: str
    event_bus: str
    query_dataset_arn: str
    query_workgroup: str


@instrumented
def handler(event: Event, _context: Any) -> list[Event]:
    """`QueryAsked` in EventBridge's envelope; returns what was decided."""
    on = _asking()
    found = take_event(
        Envelope.model_validate(event),
        {QueryAsked.__name__: QueryAsked},
        lambda asked: [request_query(asked, on)],
        ledger=on.ledger,
        now=on.now,
    )
    decided = [record.model_dump(mode="json") for record in found]
    logger.info("query requested", extra={"decided": decided})
    return decided


def _asking() -> Asking:
    settings = environment(Environment)
    return Asking(
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        events=events(settings.event_bus),
        executions=StepFunctionsExecutions(client("stepfunctions")),
        query_dataset_arn=settings.query_dataset_arn,
        workgroup=settings.query_workgroup,
    )
