"""Starts the runs that an event on the bus asks for."""

from typing import Any

from pydantic import TypeAdapter

from lambdas.connections import events, ledger
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.gateways.executions import StepFunctionsExecutions
from sluiceway.triggers.contracts import CodePushed, DatasetVersioned
from sluiceway.triggers.request_runs import Cause, Requesting, request_runs

CAUSES: dict[str, TypeAdapter[Any]] = {
    CodePushed.__name__: TypeAdapter(CodePushed),
    DatasetVersioned.__name__: TypeAdapter(DatasetVersioned),
}
"""By EventBridge's detail type."""


class Environment(FunctionEnvironment):
    """Environment variables of `request_runs`."""

    ledger_table: str
    event_bus: str
    run_pipeline_arn: str


@instrumented
def handler(event: Event, _context: Any) -> list[Event]:
    """`CodePushed` or `DatasetVersioned` in EventBridge's envelope; returns a decision for each project."""
    cause: Cause = CAUSES[event["detail-type"]].validate_python(event["detail"])
    decided = [record.model_dump(mode="json") for record in request_runs(cause, _requesting())]
    logger.info("runs requested", extra={"decided": decided})
    return decided


def _requesting() -> Requesting:
    settings = environment(Environment)
    return Requesting(
        ledger=ledger(settings.ledger_table),
        events=events(settings.event_bus),
        executions=StepFunctionsExecutions(client("stepfunctions")),
        run_pipeline_arn=settings.run_pipeline_arn,
    )
