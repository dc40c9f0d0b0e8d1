"""A webhook as it comes to a Lambda Function URL: who is it for, and what it is answered.

The body is bytes until its receiver has verified them. Whatever is wrong with a request ends in a 4xx answer
with a short reason; 5xx is left for what is wrong with us.
Source: "Request and response payloads" of Lambda function URLs (payload format 2.0).

To take webhooks of one more system: a `Receiver` under its own path in `lambdas/github/receive_webhook.py`.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

MAX_BODY_BYTES = 6 * 1024 * 1024
"""Lambda takes no larger request (quotas); GitHub sends up to 25 MB, which the URL itself then refuses."""
LONGEST_HEADER = 8192
"""Characters; Lambda takes no longer ones."""


class RefusedRequest(Exception):
    """A request that is answered with `status` (4xx) and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class WebhookRequest:
    """What came in. Nothing of it is trusted."""

    path: str
    headers: Mapping[str, str]
    """By lower case name."""
    body: bytes

    def header(self, name: str) -> str:
        """A header's value; empty where there is none."""
        return self.headers.get(name, "")[:LONGEST_HEADER]


@dataclass(frozen=True)
class WebhookAnswer:
    """The answer to a webhook: a status, and in a word and a sentence what became of it."""

    status: int
    outcome: str
    reason: str = ""

    def as_response(self) -> dict[str, Any]:
        """In Lambda's form."""
        told = {"outcome": self.outcome, "reason": self.reason} if self.reason else {"outcome": self.outcome}
        return {
            "statusCode": self.status,
            "headers": {
                "content-type": "application/json",
                "cache-control": "no-store",
                "x-content-type-options": "nosniff",
            },
            "body": orjson.dumps(told).decode(),
        }


Receiver = Callable[[WebhookRequest], WebhookAnswer]
"""Verifies and takes in the webhooks of one system; raises `RefusedRequest`."""


def receive(event: Mapping[str, Any], receivers: Mapping[str, Receiver]) -> WebhookAnswer:
    """Hand a request to the receiver of its path."""
    try:
        request = read_request(event)
        receiver = receivers.get(request.path)
        if receiver is None:
            raise RefusedRequest(404, "nothing is received here")
        return receiver(request)
    except RefusedRequest as refused:
        return WebhookAnswer(refused.status, "refused", refused.reason)


def read_request(event: Mapping[str, Any]) -> WebhookRequest:
    """The request in Lambda's event; raises `RefusedRequest`."""
    http = (event.get("requestContext") or {}).get("http") or {}
    if http.get("method") != "POST":
        raise RefusedRequest(405, "send it by POST")
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    path = "/" + str(event.get("rawPath") or "").strip("/")
    return WebhookRequest(path, headers, _body(event))


def _body(event: Mapping[str, Any]) -> bytes:
    """The bytes as they were sent: Lambda encodes what is not text."""
    text = event.get("body") or ""
    if not isinstance(text, str):
        raise RefusedRequest(400, "the body is no text")
    if len(text) > MAX_BODY_BYTES * 4 // 3 + 4:
        raise _TOO_LARGE
    try:
        body = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise RefusedRequest(400, "the body is not what its encoding says") from None
    if len(body) > MAX_BODY_BYTES:
        raise _TOO_LARGE
    return bytes(body)


_TOO_LARGE = RefusedRequest(413, f"the body has more than {MAX_BODY_BYTES} bytes")
