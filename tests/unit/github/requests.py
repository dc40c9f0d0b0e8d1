"""Requests to the webhook's URL as Lambda hands them over, signed as GitHub signs them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from sluiceway.github.receive_webhook import GitHubReceiver
from sluiceway.github.webhook_secret import WebhookSecrets
from sluiceway.webhook import WebhookAnswer, receive
from tests.fakes.queues import MemoryQueue
from tests.fakes.samples import AT

SECRET = b"It's a Secret to Everybody"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def signature(body: bytes, secret: bytes = SECRET) -> str:
    """The value of `X-Hub-Signature-256`."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def request(body: bytes, *, event: str = "push", encoded: bool = False, **changes: Any) -> dict[str, Any]:
    """An event of payload format 2.0; `changes` replace headers, None takes one away."""
    headers: dict[str, Any] = {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-delivery": GUID,
        "x-github-event": event,
        "x-hub-signature": f"sha1={hmac.new(SECRET, body, hashlib.sha1).hexdigest()}",
        "x-hub-signature-256": signature(body),
    }
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {
        "version": "2.0",
        "rawPath": "/github",
        "headers": {name: value for name, value in headers.items() if value is not None},
        "requestContext": {"http": {"method": "POST", "path": "/github"}},
        "body": base64.b64encode(body).decode() if encoded else body.decode(),
        "isBase64Encoded": encoded,
    }


def as_body(payload: Mapping[str, Any]) -> bytes:
    """A payload as GitHub sends it."""
    return json.dumps(payload).encode()


class Door:
    """The receiver, and what got through to the queue."""

    def __init__(self, *secrets: bytes) -> None:
        self.queue = MemoryQueue()
        self.accepted = list(secrets or (SECRET,))
        self.looks = 0
        self.time = 0.0
        kept = WebhookSecrets(self._read, clock=lambda: self.time)
        self.receivers = {"/github": GitHubReceiver(secrets=kept, queue=self.queue, now=lambda: AT)}

    def _read(self) -> list[bytes]:
        self.looks += 1
        return self.accepted

    def knock(self, event: Mapping[str, Any]) -> WebhookAnswer:
        """Send a request."""
        return receive(event, self.receivers)
