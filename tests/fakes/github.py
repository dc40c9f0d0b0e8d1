"""A GitHub on this machine: an HTTP server that answers as documented, limits, fails and loses answers."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.github_report_routes import answer as answer_report
from tests.fakes.github_reports import ReportBoard
from tests.fakes.github_repository import FakeRepository
from tests.fakes.github_routes import MISSING, READ, Asked, Reply

TOKEN = "github_pat_11ABCDEFG0tests"
INSTALLATION_TOKEN = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"
LOST = Reply(0)
"""The connection is closed in place of an answer."""
LOST_ANSWER = Reply(-1)
"""What was asked is done, then the connection is closed."""
SECONDARY_LIMIT = Reply(403, {"message": "You have exceeded a secondary rate limit."}, {"retry-after": "37"})
NOW = 1_800_000_000.0
"""Epoch seconds; the limit ends ten minutes later."""
PRIMARY_LIMIT = Reply(
    403,
    {"message": "API rate limit exceeded for user ID 1."},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000600"},
)
UNAVAILABLE = Reply(502, {"message": "Server Error"})


@dataclass(frozen=True)
class SeenRequest:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class FakeGitHub:
    """`faults`: for the next requests whose path holds a text, each used once, in order."""

    repositories: dict[str, FakeRepository] = field(default_factory=dict)
    board: ReportBoard = field(default_factory=ReportBoard)
    url: str = ""
    requests: list[SeenRequest] = field(default_factory=list)
    faults: list[tuple[str, Reply]] = field(default_factory=list)
    nth_change: dict[int, Reply] = field(default_factory=dict)
    """For the n-th request that is no GET, from 1."""
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What happens right before a request whose path holds a text is answered, once."""
    tokens: frozenset[str] = frozenset({TOKEN, INSTALLATION_TOKEN})

    def repository(self, name: str = "octo-org/models") -> FakeRepository:
        """The repository, made where there is none."""
        return self.repositories.setdefault(name.casefold(), FakeRepository(name))

    def paths(self, method: str = "GET") -> list[str]:
        """What was asked for, in order."""
        return [seen.path for seen in self.requests if seen.method == method]

    @property
    def changes(self) -> list[str]:
        """Requests that change something, in order."""
        return [f"{seen.method} {seen.path}" for seen in self.requests if seen.method != "GET"]

    def reply(self, seen: SeenRequest, body: Any) -> Reply:
        """The answer to a request: a fault, where there is one for it."""
        self.requests.append(seen)
        for text in [text for text in self.before if text in seen.path]:
            self.before.pop(text)()
        fault = self._fault(seen)
        if fault is LOST_ANSWER:
            self._answer(seen, body)
        return fault or self._answer(seen, body)

    def _fault(self, seen: SeenRequest) -> Reply | None:
        for fault in [each for each in self.faults if each[0] in seen.path][:1]:
            self.faults.remove(fault)
            return fault[1]
        return None if seen.method == "GET" else self.nth_change.pop(len(self.changes), None)

    def _answer(self, seen: SeenRequest, body: Any) -> Reply:
        url = urlsplit(seen.path)
        if not self._signed(seen, url.path):
            return Reply(401, {"message": "Bad credentials", "status": "401"})
        found = self._read(seen.method, unquote(url.path), dict(parse_qsl(url.query)))
        return found or self._report(seen.method, url.path, dict(parse_qsl(url.query)), body)

    def _signed(self, seen: SeenRequest, path: str) -> bool:
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        is_app = path.startswith("/app/") or path.endswith("/installation")
        return path.startswith("/_codeload/") or (token.count(".") == 2 if is_app else token in self.tokens)

    def _read(self, method: str, path: str, query: dict[str, str]) -> Reply | None:
        if method == "POST" and path == "/app/installations/77/access_tokens":
            return Reply(201, {"token": INSTALLATION_TOKEN, "expires_at": "2036-11-21T13:00:00Z"})
        for pattern, reply in READ if method == "GET" else ():
            found = pattern.fullmatch(path)
            repository = self._meant(found["owner"], found["name"]) if found else None
            if found and repository:
                return reply(Asked(repository, found.groupdict(), query, self.url))
        return None

    def _meant(self, owner: str | None, name: str | None) -> FakeRepository | None:
        """The one that a path names; an App's path names none, and means all."""
        if owner is not None:
            return self.repositories.get(f"{owner}/{name}".casefold())
        every = [each for repository in self.repositories.values() for each in repository.deliveries]
        return FakeRepository("app", deliveries=every)

    def _report(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        found = answer_report(self.board, method, path, query, body)
        return MISSING if found is None else Reply(*found)


@contextmanager
def fake_github() -> Iterator[FakeGitHub]:
    """A GitHub on a free port of this machine."""
    state = FakeGitHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def _handler(state: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet: else each answer waits 40 ms for an acknowledgement

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = state.reply(
                SeenRequest(self.command, self.path, headers), json.loads(body) if body else None
            )
            if reply in (LOST, LOST_ANSWER):
                self.close_connection = True
                self.connection.close()
                return
            self._send(reply, headers.get("if-none-match"))

        def _send(self, reply: Reply, known: str | None) -> None:
            etag = f'"{hash(reply.data)}"'
            unchanged = reply.status == 200 and known == etag
            self.send_response(304 if unchanged else reply.status)
            for name, value in {"ETag": etag, **reply.headers}.items():
                self.send_header(name, value)
            data = b"" if unchanged else reply.data
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silent."""

    return Handler
