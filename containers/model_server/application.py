"""The ASGI application: three paths, no framework."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from containers.model_server import answers, body
from containers.model_server.batching import Batcher, Limits
from containers.model_server.body import Message, Receive
from containers.model_server.inputs import JSON_TYPE
from containers.model_server.refusal import Refused, not_ready, unsupported
from containers.model_server.served_model import ServedModel
from containers.model_server.tables import READERS
from containers.model_server.telemetry import Telemetry

Scope = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

DECODE_ASIDE_BYTES = 256 * 1024
"""A larger body is decoded in a thread, so that small requests need not wait for it."""

_CONTENT_TYPES = {JSON_TYPE, *READERS}


@dataclass(frozen=True, slots=True)
class Response:
    """Status, content type and body."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Settings:
    """What an operator may set."""

    max_body_bytes: int = 25 * 1024 * 1024
    limits: Limits = field(default_factory=Limits)


class Application:
    """Answers `/ping`, `/invocations` and `/metrics`; `load` is called once, aside, at the start."""

    def __init__(
        self, load: Callable[[], ServedModel], *, settings: Settings, on_failure: Callable[[Exception], None]
    ) -> None:
        self._load, self._settings, self._on_failure = load, settings, on_failure
        self._telemetry = Telemetry()
        self._batcher: Batcher | None = None
        self._loading: asyncio.Task[None] | None = None
        self._routes = {
            ("POST", "/invocations"): self._invocations,
            ("GET", "/ping"): self._ping,
            ("GET", "/health"): self._ping,
            ("GET", "/metrics"): self._metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan of the server."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        route = self._routes.get((scope["method"], scope["path"]))
        response = await route(scope, receive) if route else self._no_route(scope)
        length = str(len(response.body)).encode()
        headers = [(b"content-type", response.content_type.encode()), (b"content-length", length)]
        if response.status in (429, 503):
            headers.append((b"retry-after", b"1"))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loading = asyncio.create_task(self._load_model())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _load_model(self) -> None:
        try:
            model = await asyncio.to_thread(self._load)
        except Exception as error:
            self._on_failure(error)
        else:
            self._batcher = Batcher(model, self._telemetry, self._settings.limits)

    async def _invocations(self, scope: Scope, receive: Receive) -> Response:
        started = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        content_type = _media_type(headers.get(b"content-type"))
        self._telemetry.in_flight += 1
        try:
            response = await self._answer(headers, content_type, receive)
        except Refused as refused:
            response = _refusal(refused)
        finally:
            self._telemetry.in_flight -= 1
        known = content_type if content_type in _CONTENT_TYPES else "other"
        self._telemetry.request(response.status, known, time.perf_counter() - started)
        return response

    async def _answer(self, headers: dict[bytes, bytes], content_type: str, receive: Receive) -> Response:
        if self._batcher is None:
            raise not_ready("the model is still being loaded")
        if content_type not in _CONTENT_TYPES:
            raise unsupported(
                f"content type {content_type!r} is not read; use one of {sorted(_CONTENT_TYPES)}"
            )
        accepted = answers.accepted_type(headers.get(b"accept", b"").decode("latin-1"))
        content = await body.read(receive, headers, self._settings.max_body_bytes)
        decode = self._batcher.model.inputs.decode
        if len(content) > DECODE_ASIDE_BYTES:
            part = await asyncio.to_thread(decode, content, content_type)
        else:
            part = decode(content, content_type)
        answer = await self._batcher.submit(part)
        if isinstance(answer, Refused):
            raise answer
        return Response(200, accepted, _written(accepted, answer))

    async def _ping(self, _scope: Scope, _receive: Receive) -> Response:
        if self._batcher is None:
            return _refusal(not_ready("the model is still being loaded"))
        return Response(200, JSON_TYPE, b'{"status":"ready"}')

    async def _metrics(self, _scope: Scope, _receive: Receive) -> Response:
        info = self._batcher.model.info if self._batcher else None
        return Response(200, "text/plain; version=0.0.4", self._telemetry.text(info).encode())

    def _no_route(self, scope: Scope) -> Response:
        allowed = [method for method, path in self._routes if path == scope["path"]]
        if allowed:
            return _refusal(Refused(405, "METHOD_NOT_ALLOWED", f"use {allowed[0]} {scope['path']}"))
        paths = ", ".join(f"{method} {path}" for method, path in self._routes)
        return _refusal(Refused(404, "NOT_FOUND", f"no such path; there are {paths}"))


def _media_type(header: bytes | None) -> str:
    """The content type without its parameters; JSON when there is none."""
    if header is None or header == b"application/json":
        return JSON_TYPE
    return header.decode("latin-1").partition(";")[0].strip().lower()


def _written(accepted: str, answer: Any) -> bytes:
    try:
        return answers.WRITERS[accepted](answer)
    except Exception as error:
        message = f"the model's answer ({type(answer).__name__}) cannot be written as {accepted}: {error}"
        if accepted != JSON_TYPE:
            raise Refused(406, "NOT_ACCEPTABLE", f"{message}; accept {JSON_TYPE} instead") from error
        raise Refused(500, "PREDICTION_FAILED", message) from error


def _refusal(refused: Refused) -> Response:
    return Response(refused.status, JSON_TYPE, refused.body())
