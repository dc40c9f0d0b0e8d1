"""Starts the runs that an event on the bus asks for."""

from typing import Any

from lambdas.connections import events, ledger
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.gateways.executions import StepFunctionsExecutions
from sluiceway.triggers.asked import Envelope
from sluiceway.triggers.decide import CAUSES
from sluiceway.triggers.request_runs import Requesting, request_runs
from sluiceway.triggers.take_event import take_event


class Environment(FunctionEnvironment):
    """Environment variables of `request_runs`."""

    ledger_table: str
    event_bus: str
    run_pipeline_arn: str


@instrumented
def handler(event: Event, _context: Any) -> list[Event]:
    """One of `CAUSES` in EventBridge's envelope; returns a decision for each project."""
    on = _requesting()
    found = take_event(
        Envelope.model_validate(event),
        CAUSES,
        lambda cause: request_runs(cause, on),
        ledger=on.ledger,
        now=on.now,
    )
    decided = [record.model_dump(mode="json") for record in found]
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
