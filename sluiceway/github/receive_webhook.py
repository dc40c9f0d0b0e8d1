"""Takes in GitHub's webhooks: verified, cut down to what is used, and put on a queue. That is all.

GitHub waits ten seconds and never delivers again by itself, so an answer may not hang on anything slow.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from pydantic import ValidationError

from sluiceway.clock import utc_now
from sluiceway.gateways.queues import Queue
from sluiceway.github.contracts import Delivery
from sluiceway.github.read_payload import Envelope, IgnoredPayload, read_told
from sluiceway.github.strict_json import InvalidJson, parse_object
from sluiceway.github.webhook_secret import WebhookSecrets
from sluiceway.webhook import RefusedRequest, WebhookAnswer, WebhookRequest

EVENT = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
GUID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
UNSENDABLE = re.compile("[\ufffe\uffff]")
"""What JSON may hold and a message of SQS may not (SendMessage, "Message body")."""


class UnsendablePayload(IgnoredPayload):
    """A payload whose text no queue takes."""


@dataclass(frozen=True, kw_only=True)
class GitHubReceiver:
    """The `Receiver` of GitHub's webhooks."""

    secrets: WebhookSecrets
    queue: Queue
    now: Callable[[], str] = utc_now

    def __call__(self, request: WebhookRequest) -> WebhookAnswer:
        """202 when it was taken in, or is of no use; raises `RefusedRequest`, `ServiceUnavailable`."""
        if not self.secrets.have_signed(request.body, request.header("x-hub-signature-256")):
            raise RefusedRequest(401, "X-Hub-Signature-256 is missing, or not that of this body")
        event, delivery_id = _headers(request)
        payload = _payload(request)
        if event == "ping":
            return WebhookAnswer(200, "pong")
        try:
            delivery = _delivery(event, payload, delivery_id=delivery_id, received_at=self.now())
        except IgnoredPayload as ignored:
            return WebhookAnswer(202, "ignored", str(ignored))
        self.queue.send(delivery)
        return WebhookAnswer(202, "accepted")


def _headers(request: WebhookRequest) -> tuple[str, str]:
    event, delivery_id = request.header("x-github-event"), request.header("x-github-delivery")
    if not EVENT.fullmatch(event) or not GUID.fullmatch(delivery_id):
        raise RefusedRequest(400, "X-GitHub-Event or X-GitHub-Delivery is missing or malformed")
    return event, delivery_id


def _payload(request: WebhookRequest) -> dict[str, Any]:
    """GitHub sends JSON, or a form whose field `payload` is JSON: its default where nobody chooses."""
    content_type = request.header("content-type").partition(";")[0].strip().lower()
    if content_type not in (JSON, FORM):
        raise RefusedRequest(415, f"the content type is neither {JSON} nor {FORM}")
    try:
        return parse_object(request.body if content_type == JSON else _field(request.body))
    except InvalidJson as error:
        raise RefusedRequest(400, str(error)) from None


def _field(body: bytes) -> bytes:
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=1, errors="strict")
        (text,) = fields["payload"]
        return text.encode()
    except (ValueError, KeyError):
        raise InvalidJson("the form does not consist of the one field payload") from None


def _delivery(event: str, payload: Mapping[str, Any], *, delivery_id: str, received_at: str) -> Delivery:
    try:
        told = read_told(event, payload)
        return read_delivery(told, payload, delivery_id=delivery_id, received_at=received_at)
    except ValidationError as error:
        raise RefusedRequest(400, f"the payload is not that of {event}: {_places(error)}") from None
    except UnsendablePayload as error:
        raise RefusedRequest(400, str(error)) from None


def read_delivery(told: Any, payload: Mapping[str, Any], *, delivery_id: str, received_at: str) -> Delivery:
    """A delivery with its envelope; raises `UnsendablePayload`, or pydantic's `ValidationError`."""
    envelope = Envelope.model_validate(payload)
    delivery = Delivery(
        delivery_id=delivery_id,
        repository=envelope.repository.full_name,
        sender=envelope.sender.login if envelope.sender else "",
        received_at=received_at,
        told=told,
    )
    if UNSENDABLE.search(delivery.model_dump_json()):
        raise UnsendablePayload("the payload has characters that are none")
    return delivery


def _places(error: ValidationError) -> str:
    """Where, not what: values are not told."""
    places = {".".join(str(part) for part in found["loc"])[:60] for found in error.errors()[:5]}
    return ", ".join(sorted(places))
