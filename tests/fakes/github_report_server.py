"""A local HTTP server that answers GitHub's endpoints for reports, and can fail as GitHub does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.github_report_routes import Reply, answer
from tests.fakes.github_reports import ReportBoard

LIMITED = (403, {"message": "You have exceeded a secondary rate limit."})
UNAVAILABLE = (502, {"message": "Server Error"})
LOST = (0, None)
"""Done, then the connection is closed before the answer."""


@dataclass
class ReportServer:
    """`faults` are for requests of a method whose path holds a text, each once; `nth` for the n-th change."""

    board: ReportBoard = field(default_factory=ReportBoard)
    url: str = ""
    requests: list[str] = field(default_factory=list)
    faults: list[tuple[str, str, Reply]] = field(default_factory=list)
    nth: dict[int, Reply] = field(default_factory=dict)

    def reply(self, method: str, asked: str, body: Any) -> Reply:
        """A fault is answered in place of what was asked, unless its answer is only lost."""
        url = urlsplit(asked)
        self.requests.append(f"{method} {url.path}")
        fault = self._fault(method, url.path)
        if fault not in (None, LOST):
            return fault
        found = answer(self.board, method, url.path, dict(parse_qsl(url.query)), body)
        return fault or found or (404, {"message": "Not Found"})

    @property
    def changes(self) -> list[str]:
        """Requests that change something, in order."""
        return [request for request in self.requests if not request.startswith("GET ")]

    def _fault(self, method: str, path: str) -> Any:
        for fault in [each for each in self.faults if each[0] == method and each[1] in path][:1]:
            self.faults.remove(fault)
            return fault[2]
        return None if method == "GET" else self.nth.pop(len(self.changes), None)

    def count(self, method: str) -> int:
        """How many requests of a method came."""
        return sum(request.startswith(f"{method} ") for request in self.requests)


@contextmanager
def report_server() -> Iterator[ReportServer]:
    """A server on a free port of this machine."""
    state = ReportServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def _handler(state: ReportServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet: else each answer waits 40 ms for an acknowledgement

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = state.reply(self.command, self.path, json.loads(body) if body else None)
            if reply == LOST:
                self.close_connection = True
                self.connection.close()
                return
            data = json.dumps(reply[1]).encode()
            self.send_response(reply[0])
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silent."""

    return Handler
