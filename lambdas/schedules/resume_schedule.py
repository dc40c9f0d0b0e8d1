"""Lets the oldest moment go on that waits for a run which has ended."""

from typing import Any

from lambdas.connections import events, ledger
from lambdas.runtime import Event, FunctionEnvironment, environment, instrumented, logger
from sluiceway.schedules.resume_schedule import resume_schedule
from sluiceway.triggers.contracts import RunFinished


class Environment(FunctionEnvironment):
    """Environment variables of `resume_schedule`."""

    ledger_table: str
    event_bus: str


@instrumented
def handler(event: Event, _context: Any) -> Event:
    """`RunFinished` in EventBridge's envelope."""
    settings = environment(Environment)
    resumed = resume_schedule(
        RunFinished.model_validate(event["detail"]),
        ledger=ledger(settings.ledger_table),
        events=events(settings.event_bus),
    )
    logger.info("schedule resumed", extra={"resumed": resumed.model_dump()})
    return resumed.model_dump(mode="json")
