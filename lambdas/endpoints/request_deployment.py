"""Starts the deployment that somebody asked for."""

from typing import Any

from lambdas.connections import ledger
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from lambdas.tracking import registry
from sluiceway.endpoints.request_deployment import Deploying, request_deployment
from sluiceway.gateways.executions import StepFunctionsExecutions
from sluiceway.triggers.asked import Envelope
from sluiceway.triggers.contracts import DeploymentAsked
from sluiceway.triggers.take_event import take_event


class Environment(FunctionEnvironment):
    """Environment variables of `request_deployment`."""

    ledger_table: str
    mlflow_tracking_uri: str
    deploy_model_arn: str


@instrumented
def handler(event: Event, _context: Any) -> list[Event]:
    """`DeploymentAsked` in EventBridge's envelope; returns what it comes to."""
    on = _deploying()
    found = take_event(
        Envelope.model_validate(event),
        {DeploymentAsked.__name__: DeploymentAsked},
        lambda asked: request_deployment(asked, on),
        ledger=on.ledger,
        now=on.now,
    )
    decided = [record.model_dump(mode="json") for record in found]
    logger.info("deployment requested", extra={"decided": decided})
    return decided


def _deploying() -> Deploying:
    settings = environment(Environment)
    return Deploying(
        ledger=ledger(settings.ledger_table),
        registry=registry(settings.mlflow_tracking_uri),
        executions=StepFunctionsExecutions(client("stepfunctions")),
        deploy_model_arn=settings.deploy_model_arn,
    )
