"""Keep a number of HTTP connections busy with one request: requests a second and latencies.

    python benchmarks/load.py URL BODY_FILE --connections 64 --seconds 5     # prints JSON

A process of its own, on uvloop, without an HTTP library: it must cost less than what it measures.
"""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import uvloop


@dataclass
class Tally:
    """What the connections have seen."""

    until: float
    latencies: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    open: int = 0


class Connection(asyncio.Protocol):
    """Sends a request, waits for the whole answer, sends the next."""

    def __init__(self, request: bytes, tally: Tally, done: "asyncio.Future[None]") -> None:
        self.request, self.tally, self.done = request, tally, done
        self.buffer = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        self.transport = transport
        self.tally.open += 1
        self.send()

    def send(self) -> None:
        """One request."""
        self.sent = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Part of an answer, or the whole."""
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        now, self.buffer = time.perf_counter(), b""
        self.count(head, now)
        if now < self.tally.until:
            self.send()
        else:
            self.transport.close()

    def count(self, head: bytes, now: float) -> None:
        """Only answers with 200 are served requests."""
        status = head[9:12].decode()
        if status == "200":
            self.tally.latencies.append(now - self.sent)
        else:
            self.tally.failures[status] = self.tally.failures.get(status, 0) + 1

    def connection_lost(self, _error: Exception | None) -> None:  # type: ignore[override]
        """The last one ends the measurement."""
        self.tally.open -= 1
        if not self.tally.open and not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise SystemExit("the server does not send content-length")


async def measure(url: str, body: bytes, *, connections: int, seconds: float, content_type: str) -> dict:
    """Requests a second, and percentiles of the latency in milliseconds."""
    address = urlsplit(url)
    head = f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: {content_type}\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    tally, done = Tally(until=started + seconds), loop.create_future()
    tally.open += 1
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(request, tally, done), address.hostname, address.port)
    tally.open -= 1
    await done
    return _summary(tally, time.perf_counter() - started)


def _summary(tally: Tally, seconds: float) -> dict:
    ordered = sorted(tally.latencies) or [float("nan")]
    at = {f"p{part}_ms": round(1000 * ordered[len(ordered) * part // 100], 3) for part in (50, 99)}
    return {"rate": round(len(tally.latencies) / seconds, 1), **at, "failures": tally.failures}


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("body", type=Path)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--content-type", default="application/json")
    given = parser.parse_args()
    work = measure(
        given.url,
        given.body.read_bytes(),
        connections=given.connections,
        seconds=given.seconds,
        content_type=given.content_type,
    )
    print(json.dumps(uvloop.run(work)))


if __name__ == "__main__":
    main()
