"""MLflow's webhooks: verified, and then only a hint to look at the registry at once.

Nothing that MLflow tells is acted upon: `sweep_registry` reads the alias itself. A webhook that comes late,
twice or not at all changes nothing but the time until it is noticed.
Source: https://mlflow.org/docs/latest/ml/webhooks, "Signature verification": `X-MLflow-Signature` is
`v1,` and the base64 of HMAC-SHA-256 over `<delivery id>.<timestamp>.<body>`.
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sluiceway.gateways.events import Events
from sluiceway.gateways.secrets import Secrets, VersionStage
from sluiceway.models.version_tags import CHAMPION
from sluiceway.names import NAME_PATTERN
from sluiceway.triggers.contracts import RegistryChanged
from sluiceway.webhook import RefusedRequest, WebhookAnswer, WebhookRequest

REPLAY_SECONDS = 300
"""How far a delivery's timestamp may lie from now, either way."""
MAX_BYTES = 64 * 1024
"""A moved alias takes 200."""
DELIVERY_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)", re.ASCII)


LOOK_AGAIN_SECONDS = 60.0
"""Between two looks at the secrets, whatever is sent: forged requests must not cost a call each."""
VERSIONS: tuple[VersionStage, ...] = ("AWSCURRENT", "AWSPREVIOUS")
"""While a secret is being replaced, MLflow still signs with the one before."""


class MlflowSecrets:
    """The accepted secrets, looked up now and then; none where nobody has made one."""

    def __init__(self, secrets: Secrets, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._secrets, self._name, self._clock = secrets, name, clock
        self._known: Sequence[bytes] = ()
        self._read_at: float | None = None

    def __call__(self) -> Sequence[bytes]:
        """At most two; raises `ServiceUnavailable` when Secrets Manager does not answer."""
        if self._read_at is None or self._clock() - self._read_at > LOOK_AGAIN_SECONDS:
            texts = [self._secrets.read(self._name, version) for version in VERSIONS]
            self._known, self._read_at = [text.encode() for text in texts if text], self._clock()
        return self._known


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _MovedAlias(_Told):
    name: str
    alias: str


class AliasCreated(_Told):
    """`model_version_alias.created`: MLflow has no other word for an alias that is moved."""

    entity: Literal["model_version_alias"]
    action: Literal["created"]
    data: _MovedAlias


@dataclass(frozen=True, kw_only=True)
class MlflowReceiver:
    """The `Receiver` of MLflow's webhooks."""

    secrets: Callable[[], Sequence[bytes]]
    """Accepted secrets: the present one, and the one before while it is being replaced. None: refuse all."""
    events: Events
    clock: Callable[[], float] = time.time

    def __call__(self, request: WebhookRequest) -> WebhookAnswer:
        """202 when it was taken in, or is of no use; raises `RefusedRequest`, `ServiceUnavailable`."""
        delivery_id = self._verified(request)
        project = _project(request.body)
        if project is None:
            return WebhookAnswer(202, "ignored", f"not the alias {CHAMPION} of a project")
        self.events.publish(RegistryChanged(event_id=f"mlflow-{delivery_id}", project=project))
        return WebhookAnswer(202, "accepted")

    def _verified(self, request: WebhookRequest) -> str:
        """The delivery's id, once the bytes are known to be MLflow's, and of these minutes."""
        delivery_id, sent_at = request.header("x-mlflow-delivery-id"), request.header("x-mlflow-timestamp")
        signature = SIGNATURE.fullmatch(request.header("x-mlflow-signature"))
        if not (signature and DELIVERY_ID.fullmatch(delivery_id) and TIMESTAMP.fullmatch(sent_at)):
            raise RefusedRequest(
                401, "X-MLflow-Signature, -Delivery-Id or -Timestamp is missing or malformed"
            )
        if len(request.body) > MAX_BYTES:
            raise RefusedRequest(413, f"the body has more than {MAX_BYTES} bytes")
        signed = f"{delivery_id}.{sent_at}.".encode() + request.body
        # Every secret is tried, so that the time taken does not tell which one fits.
        fits = [hmac.compare_digest(_signature(signed, secret), signature[1]) for secret in self.secrets()]
        if not any(fits):
            raise RefusedRequest(401, "X-MLflow-Signature is not that of this delivery")
        if abs(self.clock() - int(sent_at)) > REPLAY_SECONDS:
            raise RefusedRequest(401, f"X-MLflow-Timestamp is not of the last {REPLAY_SECONDS} s")
        return delivery_id


def _signature(signed: bytes, secret: bytes) -> str:
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def _project(body: bytes) -> str | None:
    """The project whose champion was moved; None for everything else that MLflow tells."""
    try:
        moved = AliasCreated.model_validate_json(body).data
    except ValidationError:
        return None
    if moved.alias != CHAMPION or not re.fullmatch(NAME_PATTERN[1:-1], moved.name):
        return None
    return moved.name
