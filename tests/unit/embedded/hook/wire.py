"""Requests as boto3 writes them and answers as boto3 reads them, without a network."""

import contextlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from embedded.hook.answers import Answer
from embedded.hook.request import HttpCall


class _Sent(Exception):
    """The request was written; nothing more is wanted."""


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        yield self._content

    def read(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content


def _client(service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url="https://localhost:1",
        region_name="us-east-1",
        aws_access_key_id="AKIAXXXXXXXXXXXXXXXX",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )


def sent(service: str, operation: str, **parameters: Any) -> HttpCall:
    """The request that boto3 sends for a call."""
    found: list[HttpCall] = []

    def send(request: Any, **_: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        headers = {key.lower(): _text(value) for key, value in request.headers.items()}
        body = request.body or b""
        body = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else body.read()
        query = parse_qs(parts.query, keep_blank_values=True)
        found.append(HttpCall(request.method, parts.path, headers, body, query))
        raise _Sent

    client = _client(service)
    client.meta.events.register("before-send", send)
    with contextlib.suppress(_Sent):
        getattr(client, operation)(**parameters)
    return found[0]


def refused(service: str, operation: str, answer: Answer, **parameters: Any) -> dict[str, Any]:
    """What boto3 makes of an error: code, message and status."""
    client, (status, headers, body) = _client(service), answer
    client.meta.events.register(
        "before-send", lambda request, **_: AWSResponse(request.url, status, headers, _Body(body))
    )
    try:
        getattr(client, operation)(**parameters)
    except ClientError as error:
        return {**error.response["Error"], "Status": error.response["ResponseMetadata"]["HTTPStatusCode"]}
    raise AssertionError("boto3 took it for a success")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
