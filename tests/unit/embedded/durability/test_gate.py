"""An answer leaves when it is true after a kill as well."""

import asyncio
import json
from typing import Any

import pytest

from embedded.durability.gate import gated, only_reads
from embedded.durability.store import StateNotSaved
from embedded.durability.touched import failed


class FakeJournal:
    """Notes when it was asked to save."""

    def __init__(self, order: list[str], error: Exception | None = None) -> None:
        self._order, self._error = order, error

    async def saved(self) -> None:
        """As the journal's."""
        self._order.append("saved")
        if self._error:
            raise self._error


def _scope(method: str = "POST", **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "headers": named}


async def _app(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"accepted"})


def _answer(
    scope: dict[str, Any], app: Any = _app, error: Exception | None = None
) -> tuple[list[Any], list[str]]:
    sent: list[Any] = []
    order: list[str] = []

    async def send(message: Any) -> None:
        order.append(message["type"])
        sent.append(message)

    asyncio.run(gated(app, FakeJournal(order, error))(scope, None, send))  # type: ignore[arg-type]
    return sent, order


def test_the_answer_waits_for_the_save() -> None:
    """Not even its status leaves before."""
    _, order = _answer(_scope(x_amz_target="DynamoDB_20120810.PutItem"))
    assert order == ["saved", "http.response.start", "http.response.body"]


def test_who_reads_does_not_wait() -> None:
    """Nothing of it could be lost."""
    _, order = _answer(_scope(x_amz_target="DynamoDB_20120810.GetItem"))
    assert "saved" not in order


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("AmazonSQS.ReceiveMessage", False),
        ("AmazonSSM.GetParameters", True),
        ("AmazonSQS.SendMessage", False),
    ],
)
def test_what_counts_as_reading(operation: str, expected: bool) -> None:
    """Receiving hides the messages, and gives handles that must hold."""
    assert only_reads(_scope(X_Amz_Target=operation)) is expected


@pytest.mark.parametrize(
    ("method", "expected"), [("GET", True), ("HEAD", True), ("PUT", False), ("DELETE", False)]
)
def test_methods_of_s3(method: str, expected: bool) -> None:
    """S3 names no operation."""
    assert only_reads(_scope(method)) is expected


def test_what_could_not_be_saved_is_refused_in_the_services_words() -> None:
    """500 and InternalFailure, and nothing of the first answer."""
    scope = _scope(content_type="application/x-amz-json-1.0")
    sent, _ = _answer(scope, error=StateNotSaved("the disk is full"))
    assert [each.get("status") for each in sent] == [500, None]
    body = json.loads(sent[1]["body"])
    assert body["__type"] == "InternalFailure"
    assert "the disk is full" in body["message"]


@pytest.mark.parametrize(("method", "code"), [("PUT", b"InternalError"), ("POST", b"InternalFailure")])
def test_a_file_that_could_not_be_written_refuses_its_request(method: str, code: bytes) -> None:
    """MiniStack logs it and answers 200."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        failed(OSError(28, "No space left on device"))
        await _app(scope, receive, send)

    sent, _ = _answer(_scope(method), app)
    assert sent[0]["status"] == 500
    assert code in sent[1]["body"]
    assert b"No space left" in sent[1]["body"]
