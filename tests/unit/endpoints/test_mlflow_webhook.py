"""MLflow's webhooks are verified before they are read, and are never more than a hint."""

import json
from typing import Any

import pytest
from mlflow.webhooks.delivery import _generate_hmac_signature

from sluiceway.endpoints.mlflow_webhook import MlflowReceiver, MlflowSecrets
from sluiceway.triggers.contracts import RegistryChanged
from sluiceway.webhook import RefusedRequest, WebhookAnswer, WebhookRequest
from tests.fakes.events import MemoryEvents

NOW = 1_795_262_400
DELIVERY = "0b0a9c2e-7a33-4f0e-9d53-1f0f7f2f9a11"
MOVED = {"name": "flight-delay", "alias": "champion", "version": "7"}


def body(**data: str) -> str:
    """As MLflow's own sender writes it."""
    told: dict[str, Any] = {"entity": "model_version_alias", "action": "created"}
    return json.dumps(told | {"timestamp": "2026-11-21T12:00:00+00:00", "data": MOVED | data})


def send(
    text: str, *, secret: str = "s3cret-s3cret-s3cret", at: int = NOW, **headers: str
) -> tuple[WebhookAnswer, list[Any]]:
    """Deliver what MLflow 3.17 would send at a moment."""
    events = MemoryEvents()
    secrets = [b"s3cret-s3cret-s3cret", b"the-one-before"]
    receiver = MlflowReceiver(secrets=lambda: secrets, events=events, clock=lambda: float(NOW))
    given = {
        "x-mlflow-delivery-id": DELIVERY,
        "x-mlflow-timestamp": str(at),
        "x-mlflow-signature": _generate_hmac_signature(secret, DELIVERY, str(at), text),
    }
    changes = {name.replace("_", "-"): value for name, value in headers.items()}
    return receiver(WebhookRequest("/mlflow", given | changes, text.encode())), events.published


@pytest.mark.parametrize("secret", ["s3cret-s3cret-s3cret", "the-one-before"])
def test_a_moved_champion_is_a_hint_to_look(secret: str) -> None:
    """Signed with the present secret, or while it is being replaced with the one before."""
    answer, published = send(body(), secret=secret)
    assert answer.status == 202
    assert published == [RegistryChanged(event_id=f"mlflow-{DELIVERY}", project="flight-delay")]


@pytest.mark.parametrize(
    "text",
    [
        body(alias="challenger"),
        body(name="With Spaces"),
        '{"entity": "registered_model", "action": "created", "data": {"name": "m"}}',
        "[" * 30000,
        "no JSON",
    ],
)
def test_everything_else_that_is_signed_is_ignored(text: str) -> None:
    """MLflow would only send it again."""
    answer, published = send(text)
    assert (answer.status, answer.outcome, published) == (202, "ignored", [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another-secret"},
        {"x_mlflow_signature": ""},
        {"x_mlflow_signature": "v1,ﬀ"},
        {"x_mlflow_signature": "v0," + "A" * 43 + "="},
        {"x_mlflow_delivery_id": "../.."},
        {"x_mlflow_delivery_id": "another"},
        {"x_mlflow_timestamp": str(NOW + 1)},
        {"x_mlflow_timestamp": "٣"},
        {"at": NOW - 301},
        {"at": NOW + 301},
    ],
)
def test_what_is_forged_replayed_or_malformed_is_refused(wrong: dict[str, Any]) -> None:
    """401, and nothing is published."""
    with pytest.raises(RefusedRequest) as refused:
        send(body(), **wrong)
    assert refused.value.status == 401


def test_a_huge_body_is_refused_before_it_is_hashed() -> None:
    """413."""
    with pytest.raises(RefusedRequest) as refused:
        send(body(name="x" * 70000))
    assert refused.value.status == 413


def test_a_stage_without_a_secret_takes_nothing() -> None:
    """Nobody is trusted by default."""
    receiver = MlflowReceiver(secrets=list, events=MemoryEvents(), clock=lambda: float(NOW))
    signature = _generate_hmac_signature("", DELIVERY, str(NOW), body())
    headers = {
        "x-mlflow-delivery-id": DELIVERY,
        "x-mlflow-timestamp": str(NOW),
        "x-mlflow-signature": signature,
    }
    with pytest.raises(RefusedRequest):
        receiver(WebhookRequest("/mlflow", headers, body().encode()))


class _Secrets:
    """Secrets Manager, which counts how often it is asked."""

    def __init__(self, **texts: str) -> None:
        self.texts, self.asked = texts, 0

    def read(self, name: str, stage: str = "AWSCURRENT") -> str | None:
        self.asked += 1
        return self.texts.get(stage)

    def write(self, name: str, text: str, *, description: str) -> None:
        raise NotImplementedError


def test_secrets_are_looked_up_once_a_minute_at_most() -> None:
    """Both versions; a flood of forged requests costs no more."""
    moment = [0.0]
    held = _Secrets(AWSCURRENT="new", AWSPREVIOUS="old")
    secrets = MlflowSecrets(held, "sluiceway/dev/mlflow", clock=lambda: moment[0])
    assert [secrets() for _ in range(50)][-1] == [b"new", b"old"]
    moment[0], held.texts = 61.0, {"AWSCURRENT": "newer"}
    assert (secrets(), held.asked) == ([b"newer"], 4)
