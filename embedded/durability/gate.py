"""Holds an answer back until what it confirms is on disk; answers 500 where it cannot be."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from xml.sax.saxutils import escape

from embedded.durability.journal import Journal
from embedded.durability.touched import Touches, remembered

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_TARGET = b"x-amz-target"
# Operations that accept nothing, by the words their names begin with; ReceiveMessage is none of them.
_READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "BatchCheck", "Filter", "Lookup", "Search")
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def gated(app: App, journal: Journal) -> App:
    """MiniStack's application, whose answers leave when they are true after a kill as well."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or only_reads(scope):
            await app(scope, receive, send)
            return
        with remembered() as touches:
            await app(scope, receive, _Held(scope, send, touches, journal))

    return answer


def only_reads(scope: Message) -> bool:
    """Whether a request accepts nothing that a kill could lose."""
    if scope["method"] in _READING_METHODS:
        return True
    target = next((value for name, value in scope["headers"] if name.lower() == _TARGET), b"")
    operation: str = target.decode("latin-1").rpartition(".")[2]
    return operation.startswith(_READS)


class _Held:
    """Sends an answer on once it is true."""

    def __init__(self, scope: Message, send: Send, touches: Touches, journal: Journal) -> None:
        self._scope, self._send = scope, send
        self._touches, self._journal = touches, journal
        self._is_refused = False

    async def __call__(self, message: Message) -> None:
        if self._is_refused:
            return
        reason = await self._reason(message)
        if reason is None:
            await self._send(message)
            return
        self._is_refused = True
        for part in failure(self._scope, reason):
            await self._send(part)

    async def _reason(self, message: Message) -> str | None:
        """Why the answer that begins may not be given."""
        if message["type"] != "http.response.start":
            return None
        self._touches.again()
        try:
            await self._journal.saved()
        except Exception as error:
            return str(error)
        return str(self._touches.failure) if self._touches.failure else None


def failure(scope: Message, reason: str) -> tuple[Message, Message]:
    """An answer of 500 in the words of the service: `InternalFailure`, of S3 `InternalError`."""
    text = f"The request was not saved: {reason}"
    is_json = any(name.lower() == b"content-type" and b"json" in value for name, value in scope["headers"])
    if is_json:
        kind, body = b"application/json", json.dumps({"__type": "InternalFailure", "message": text})
    elif scope["method"] == "POST":
        inner = f"<Type>Receiver</Type><Code>InternalFailure</Code><Message>{escape(text)}</Message>"
        kind, body = b"text/xml", f"<ErrorResponse><Error>{inner}</Error></ErrorResponse>"
    else:
        kind, body = (
            b"application/xml",
            f"<Error><Code>InternalError</Code><Message>{escape(text)}</Message></Error>",
        )
    headers = [(b"content-type", kind), (b"x-amzn-errortype", b"InternalFailure")]
    start: Message = {"type": "http.response.start", "status": 500, "headers": headers}
    return start, {"type": "http.response.body", "body": body.encode(), "more_body": False}
