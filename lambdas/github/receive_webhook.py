"""Takes in webhooks, whoever sends them: each system has a path of its own, and a receiver that verifies."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from lambdas.connections import events
from lambdas.runtime import Event, FunctionEnvironment, client, environment, instrumented, logger
from sluiceway.endpoints.mlflow_webhook import MlflowReceiver, MlflowSecrets
from sluiceway.gateways.queues import SqsQueue
from sluiceway.gateways.secrets import AwsSecrets
from sluiceway.github.receive_webhook import GitHubReceiver
from sluiceway.github.webhook_secret import WebhookSecrets, read_webhook_secrets
from sluiceway.webhook import Receiver, receive


class Environment(FunctionEnvironment):
    """Environment variables of `receive_webhook`."""

    github_secret: str
    delivery_queue_url: str
    mlflow_secret: str
    event_bus: str


@instrumented
def handler(event: Event, _context: Any) -> Event:
    """A request to the function's URL; the answer says in a word what became of it."""
    answer = receive(event, _receivers())
    logger.info("webhook received", extra={"status": answer.status, "outcome": answer.outcome})
    return answer.as_response()


@cache
def _receivers() -> Mapping[str, Receiver]:
    """By path. Made once for each process: receivers keep their secrets for a while."""
    return {"/github": _github(), "/mlflow": _mlflow()}


def _github() -> GitHubReceiver:
    settings = environment(Environment)
    secrets = AwsSecrets(client("secretsmanager"))
    return GitHubReceiver(
        secrets=WebhookSecrets(lambda: read_webhook_secrets(secrets, settings.github_secret)),
        queue=SqsQueue(client("sqs"), settings.delivery_queue_url),
    )


def _mlflow() -> MlflowReceiver:
    settings = environment(Environment)
    secrets = AwsSecrets(client("secretsmanager"))
    return MlflowReceiver(
        secrets=MlflowSecrets(secrets, settings.mlflow_secret), events=events(settings.event_bus)
    )
