"""A proxy in front of the tracking server that breaks the first call of each operation that changes things.

MLflow is no service of AWS: its calls do not pass the embedded cloud's hook. Functions and jobs are sent to
the proxy by their environment for as long as it runs. What a project's own code logs by MLflow's client is
passed on as it is: that is its author's affair.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3

from embedded.hook.faults import Action
from sluiceway.gateways.mlflow_rest import API
from tests.embedded.fault_rounds import DELAY_SECONDS
from tests.embedded.stage import Stage

VARIABLE = "MLFLOW_TRACKING_URI"
_CHANGES = re.compile(rf"{API}(?!.*search)(?P<name>[\w/-]+)")
_CLIENT = "mlflow-python-client"
"""How MLflow's own client calls itself: the project's code, not the platform."""
_HOP = frozenset({"connection", "content-length", "host", "transfer-encoding"})

Answer = tuple[int, Mapping[str, str], bytes]


class LossyTracking:
    """What was asked of the tracking server, and what of it was broken."""

    def __init__(self, tracking_uri: str) -> None:
        self.tracking_uri = tracking_uri
        self.action: Action | None = None
        self.broken: list[str] = []
        self.seen: set[str] = set()
        """Names below MLflow's API, such as `runs/create`, that changed something for the platform."""
        self._lock = threading.Lock()
        self._pool = urllib3.PoolManager(maxsize=8, retries=False)

    def begin(self, action: Action | None) -> None:
        """From now on break the first call of each name in this way; in none, where there is no action."""
        with self._lock:
            self.action, self.broken = action, []

    def due(self, method: str, path: str, user_agent: str) -> Action | None:
        """How a request is to be broken."""
        found = _CHANGES.match(path.partition("?")[0])
        if method == "GET" or found is None or user_agent.startswith(_CLIENT):
            return None
        with self._lock:
            self.seen.add(found["name"])
            if self.action is None or found["name"] in self.broken:
                return None
            self.broken.append(found["name"])
            return self.action

    def forward(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the tracking server answers."""
        sent = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        answer = self._pool.request(
            method, self.tracking_uri + path, headers=sent, body=body or None, decode_content=False
        )
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        return answer.status, kept, answer.data


def _error(status: int) -> Answer:
    code = "REQUEST_LIMIT_EXCEEDED" if status == 429 else "INTERNAL_ERROR"
    return (
        status,
        {"Content-Type": "application/json"},
        f'{{"error_code": "{code}", "message": "injected"}}'.encode(),
    )


def _delayed(forward: Callable[[], Answer]) -> Answer:
    time.sleep(DELAY_SECONDS)
    return forward()


def _after(forward: Callable[[], Answer]) -> Answer:
    forward()
    return _error(500)


def _lost(forward: Callable[[], Answer]) -> None:
    forward()


_ACTS: Mapping[Action | None, Callable[[Callable[[], Answer]], Answer | None]] = {
    None: lambda forward: forward(),
    Action.FAIL_BEFORE: lambda _forward: _error(500),
    Action.THROTTLE: lambda _forward: _error(429),
    Action.DELAY: _delayed,
    Action.FAIL_AFTER: _after,
    Action.LOST_ANSWER: _lost,
}


def _handler(tracking: LossyTracking) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = dict(self.headers.items())
            action = tracking.due(self.command, self.path, headers.get("User-Agent", ""))
            answer = _ACTS[action](lambda: tracking.forward(self.command, self.path, headers, body))
            self._hang_up() if answer is None else self._answer(*answer)

        # The names by which the base class looks for them.
        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _hang_up(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def lossy_tracking(stage: Stage) -> Iterator[LossyTracking]:
    """Send a stage's functions, and so the jobs that they plan, to a proxy that breaks nothing yet."""
    tracking = LossyTracking(stage.cloud.tracking_uri)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(tracking))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with _tracked_at(stage, f"http://127.0.0.1:{server.server_port}"):
            yield tracking
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _tracked_at(stage: Stage, tracking_uri: str) -> Iterator[None]:
    functions = stage.cloud.client("lambda")
    pages = functions.get_paginator("list_functions").paginate()
    before = {
        each["FunctionName"]: each["Environment"]["Variables"]
        for page in pages
        for each in page["Functions"]
        if VARIABLE in each.get("Environment", {}).get("Variables", {})
    }

    def tell(variables: Mapping[str, Mapping[str, str]]) -> None:
        for name, values in variables.items():
            functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": dict(values)}
            )

    tell({name: {**values, VARIABLE: tracking_uri} for name, values in before.items()})
    try:
        yield
    finally:
        tell(before)
