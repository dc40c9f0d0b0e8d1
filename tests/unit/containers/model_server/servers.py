"""A model server in memory: the application around a plain function, asked without a network."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pandas as pd

from containers.model_server.application import Application, Settings
from containers.model_server.batching import Limits
from containers.model_server.columns import Column
from containers.model_server.inputs import ColumnInputs, Inputs
from containers.model_server.layout import Layout
from containers.model_server.served_model import ModelInfo, ServedModel

COLUMNS = (Column("carrier", "string", True), Column("hour", "long", True), Column("wind", "double", False))
ROW = {"carrier": "UA", "hour": 7, "wind": 1.5}
INFO = ModelInfo(model_id="m-1", run_id="r-1", flavour="sklearn", enforced=True)


def hours(frame: pd.DataFrame) -> Any:
    """The model: answers each row's hour."""
    return frame["hour"].to_numpy()


def served(call: Callable[[Any], Any] = hours, inputs: Inputs | None = None) -> ServedModel:
    """A loaded model."""
    return ServedModel(lambda data, _params: call(data), inputs or ColumnInputs(Layout(COLUMNS)), INFO)


class Server:
    """An application whose model is loaded."""

    def __init__(self, model: ServedModel, *, limits: Limits | None = None, max_body: int = 1 << 20) -> None:
        self.failures: list[Exception] = []
        settings = Settings(max_body_bytes=max_body, limits=limits or Limits())
        self.application = Application(lambda: model, settings=settings, on_failure=self.failures.append)

    async def started(self) -> "Server":
        """Load the model, as the lifespan does."""
        await self.application._load_model()
        return self

    async def ask(self, body: bytes, path: str = "/invocations", **headers: str) -> tuple[int, bytes]:
        """Status and body of the answer."""
        sent: list[dict[str, Any]] = []
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        method = "POST" if path == "/invocations" else "GET"
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(messages)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        await self.application(scope, receive, send)
        return sent[0]["status"], sent[1]["body"]


def ask(body: bytes | dict[str, Any], model: ServedModel | None = None, **headers: str) -> tuple[int, Any]:
    """Ask a fresh server once; the answer's JSON."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)

    async def once() -> tuple[int, bytes]:
        return await (await Server(model or served()).started()).ask(content, **headers)

    status, answer = asyncio.run(once())
    return status, orjson.loads(answer) if answer.startswith(b"{") else answer


def ask_together(server: Server, bodies: Sequence[dict[str, Any]]) -> list[tuple[int, Any]]:
    """Ask many things at once."""

    async def all_at_once() -> list[tuple[int, bytes]]:
        await server.started()
        return await asyncio.gather(*(server.ask(orjson.dumps(body)) for body in bodies))

    return [(status, orjson.loads(answer)) for status, answer in asyncio.run(all_at_once())]
