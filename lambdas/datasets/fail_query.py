"""Record why a query failed, and tell the projects that wait for its data."""

from typing import Any

from aws_lambda_powertools.utilities.parser import parse

from lambdas.connections import events, ledger
from lambdas.runtime import Event, FunctionEnvironment, environment, instrumented, logger
from sluiceway.datasets.contracts import FailQueryInput
from sluiceway.datasets.fail_query import Failing, fail_query, stopped_query
from sluiceway.training.contracts import ExecutionStopped


class Environment(FunctionEnvironment):
    """Environment variables of `fail_query`."""

    ledger_table: str
    event_bus: str


@instrumented
def handler(event: Event, _context: Any) -> Event:
    """Task of query_dataset; also told by EventBridge of executions that ended badly."""
    settings = environment(Environment)
    outside = Failing(ledger=ledger(settings.ledger_table), events=events(settings.event_bus))
    ended = fail_query(_given(event), outside)
    logger.info("query failed", extra={"ended": ended.model_dump()})
    return ended.model_dump(mode="json")


def _given(event: Event) -> FailQueryInput:
    if "detail-type" in event:
        return stopped_query(parse(event=event["detail"], model=ExecutionStopped))
    return parse(event=event, model=FailQueryInput)
