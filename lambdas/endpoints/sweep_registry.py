"""Looks whether somebody moved the alias `champion` in the registry."""

from typing import Any

from aws_lambda_powertools.utilities.parser import parse

from lambdas.connections import events, ledger
from lambdas.runtime import Event, FunctionEnvironment, environment, instrumented, logger
from lambdas.tracking import registry
from sluiceway.endpoints.contracts import SweepRegistryInput
from sluiceway.endpoints.sweep_registry import sweep_registry


class Environment(FunctionEnvironment):
    """Environment variables of `sweep_registry`."""

    ledger_table: str
    mlflow_tracking_uri: str
    event_bus: str


@instrumented
def handler(event: Event, _context: Any) -> Event:
    """Called by its schedule with `{}`; by `RegistryChanged` in EventBridge's envelope for one project."""
    settings = environment(Environment)
    swept = sweep_registry(
        parse(event={"project": event.get("detail", event).get("project")}, model=SweepRegistryInput),
        ledger=ledger(settings.ledger_table),
        registry=registry(settings.mlflow_tracking_uri),
        events=events(settings.event_bus),
    )
    logger.info("registry swept", extra={"swept": swept.model_dump()})
    return swept.model_dump(mode="json")
