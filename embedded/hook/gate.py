"""Where requests come in: the ASGI application with the hook around it."""

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from embedded.hook import admin
from embedded.hook.hook import Hook
from embedded.hook.inflight import InFlight, current
from embedded.hook.request import HttpCall

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Gate:
    """The application, with each request under watch from its first byte to its answer."""

    def __init__(self, app: App, hook: Hook) -> None:
        self._app = app
        self._hook = hook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection scope."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(admin.PREFIX):
            await self._administer(scope, receive, send)
        elif self._hook.is_on:
            await self._watch(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _watch(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = InFlight()
        token = current.set(found)
        try:
            await self._app(scope, receive, _sending(found, send))
        finally:
            current.reset(token)
            found.ended = time.perf_counter()
            self._hook.ended(found)

    async def _administer(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, value = admin.answer(self._hook, scope["method"], scope["path"], await _body(receive))
        body = json.dumps(value).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def wrap_dispatch(app: Any, hook: Hook) -> None:
    """Look at each request where MiniStack has read it, and at its answer where it has been made."""
    special, service = app._handle_special_data_plane_request, app._dispatch_service_request

    async def special_first(
        method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str, **named: Any
    ) -> Any:
        found = current.get()
        if found is None:
            return await special(method, path, headers, body, query, request_id, **named)
        found.call, found.request_id = HttpCall(method, path, dict(headers), body, query), request_id
        answer = await hook.faults.before(found)
        if answer is not None:
            return _answered(hook, found, answer)
        answer = await special(method, path, headers, body, query, request_id, **named)
        return None if answer is None else _answered(hook, found, hook.faults.after(found, answer))

    async def then_service(
        method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str
    ) -> Any:
        answer = await service(method, path, headers, body, query, request_id)
        found = current.get()
        return answer if found is None else _answered(hook, found, hook.faults.after(found, answer))

    app._handle_special_data_plane_request, app._dispatch_service_request = special_first, then_service


def _answered(hook: Hook, found: InFlight, answer: Any) -> Any:
    found.answered(*answer)
    if found.checks:
        found.principal = found.checks[0].principal
    elif found.call is not None:
        found.principal = hook.describer.principal(found.call)
    return answer


def _sending(found: InFlight, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if not found.drop:
            await send(message)
        elif message["type"] == "http.response.start":
            if found.at_the_answer:
                found.at_the_answer(found)
            await _hang_up(send)

    return sending


async def _hang_up(send: Any) -> None:
    """Close the connection without an answer. ASGI has no word for it, so the server's stream is asked."""
    from hypercorn.protocol.events import StreamClosed

    stream = send.__self__
    await stream.send(StreamClosed(stream_id=stream.stream_id))


async def _body(receive: Receive) -> bytes:
    found = bytearray()
    while True:
        message = await receive()
        found += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(found)
