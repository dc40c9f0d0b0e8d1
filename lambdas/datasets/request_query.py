"""Starts the query of a dataset that an event on the bus asks for."""

from typing import Any

from lambdas.connections import events, ledger, objects
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.datasets.request_query import Asking, request_query
from sluiceway.gateways.executions import StepFunctionsExecutions
from sluiceway.triggers.contracts import QueryAsked


class Environment(FunctionEnvironment):
    """Environment variables of `request_query`."""

    ledger_table: str
    event_bus: str
    query_dataset_arn: str
    query_workgroup: str


@instrumented
def handler(event: Event, _context: Any) -> Event:
    """`QueryAsked` in EventBridge's envelope; returns what was decided."""
    decided = request_query(QueryAsked.model_validate(event["detail"]), _asking())
    logger.info("query requested", extra={"decided": decided.model_dump(exclude_none=True)})
    return decided.model_dump(mode="json")


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
