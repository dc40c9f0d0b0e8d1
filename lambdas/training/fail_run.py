"""Record why a run failed, and tell the bus."""

from typing import Any

from aws_lambda_powertools.utilities.parser import parse

from lambdas.connections import events, ledger, objects
from lambdas.runtime import Event, environment, instrumented, logger
from lambdas.training.environment import EndingEnvironment
from sluiceway.training.contracts import ExecutionStopped, FailRunInput
from sluiceway.training.fail_run import fail_run, stopped_run


@instrumented
def handler(event: Event, _context: Any) -> Event:
    """Task of run_pipeline; also told by EventBridge of executions that failed, timed out or were aborted."""
    settings = environment(EndingEnvironment)
    failed = fail_run(
        _given(event),
        ledger=ledger(settings.ledger_table),
        objects=objects(),
        events=events(settings.event_bus),
        artifacts_bucket=settings.artifacts_bucket,
    )
    logger.info("run failed", extra={"failed": failed.model_dump()})
    return failed.model_dump(mode="json")


def _given(event: Event) -> FailRunInput:
    if "detail-type" in event:
        return stopped_run(parse(event=event["detail"], model=ExecutionStopped))
    return parse(event=event, model=FailRunInput)
