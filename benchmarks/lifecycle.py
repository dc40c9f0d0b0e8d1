"""What durability costs, how long starts take, and how much memory the embedded cloud needs.

    python -m benchmarks.lifecycle [--puts 500] [--rounds 5] [--deploy]

The cost: the same requests, one after the other and eight at a time, in turns to a cloud as it is and to one
whose answers wait for nothing (it would save when it is stopped). Medians of the rounds. The ratio counts and
the processor time of the server, which other work on the machine changes least.
"""

import argparse
import http.client
import json
import os
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from embedded import deployment, lifecycle
from embedded.state import State

_PARALLEL = 8
_UNSAVED = """
import asyncio, sys
from types import SimpleNamespace
from embedded import server

journal = SimpleNamespace(keep_saving=asyncio.Event().wait, save_all=lambda: None)
server.install_durability = lambda *_: SimpleNamespace(journal=journal, close=lambda: None)
server.main(sys.argv[1:])
"""


@dataclass(frozen=True)
class Write:
    """A request that changes something; the body is made from a number and the account's queue."""

    name: str
    scope: str
    target: str
    body: Callable[[int, str], Any]


def _item(number: int, _queue: str) -> Any:
    return {"TableName": "bench", "Item": {"k": {"S": str(number)}, "value": {"S": "x" * 200}}}


def _message(number: int, queue: str) -> Any:
    return {"QueueUrl": queue, "MessageBody": f"{number}{'x' * 200}"}


def _parameter(number: int, _queue: str) -> Any:
    return {"Name": f"/bench/{number % 50}", "Value": str(number), "Type": "String", "Overwrite": True}


WRITES = (
    Write("DynamoDB PutItem", "dynamodb", "DynamoDB_20120810.PutItem", _item),
    Write("SQS SendMessage", "sqs", "AmazonSQS.SendMessage", _message),
    Write("SSM PutParameter", "ssm", "AmazonSSM.PutParameter", _parameter),
    Write("S3 PutObject", "s3", "", lambda number, _queue: {"number": number, "padding": "x" * 200}),
)


@dataclass(frozen=True)
class Cloud:
    """A running cloud and a way to write to it that costs the client little."""

    folder: Path

    def prepare(self) -> str:
        """A table, a bucket and a queue; the queue's address."""
        table = {
            "TableName": "bench",
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        connection = self._connection()
        _send(connection, "dynamodb", "DynamoDB_20120810.CreateTable", json.dumps(table))
        _send(connection, "s3", "", "", path="/bench")
        answer = _send(connection, "sqs", "AmazonSQS.CreateQueue", json.dumps({"QueueName": "bench"}))
        return str(json.loads(answer)["QueueUrl"])

    def rate(self, write: Write, queue: str, *, first: int, count: int, parallel: int) -> tuple[float, float]:
        """Writes a second, and milliseconds of the server's processor time for each."""
        started, busy = time.perf_counter(), self._processor_seconds()
        with ThreadPoolExecutor(parallel) as pool:
            share = count // parallel
            for done in [
                pool.submit(self._write, write, queue, range(first + at * share, first + (at + 1) * share))
                for at in range(parallel)
            ]:
                done.result()
        seconds = time.perf_counter() - started
        return count / seconds, 1000 * (self._processor_seconds() - busy) / count

    def _processor_seconds(self) -> float:
        fields = Path(f"/proc/{lifecycle.status(self.folder).server_pid}/stat").read_text().rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def _write(self, write: Write, queue: str, numbers: range) -> None:
        connection = self._connection()
        for number in numbers:
            path = "/" if write.target else f"/bench/{number}"
            _send(connection, write.scope, write.target, json.dumps(write.body(number, queue)), path=path)

    def _connection(self) -> http.client.HTTPSConnection:
        variables = lifecycle.client_variables(self.folder)
        context = ssl.create_default_context(cafile=variables["AWS_CA_BUNDLE"])
        return http.client.HTTPSConnection(urlsplit(variables["AWS_ENDPOINT_URL"]).netloc, context=context)


def _send(
    connection: http.client.HTTPSConnection, scope: str, target: str, body: str, *, path: str = "/"
) -> bytes:
    credential = f"test/20260101/us-east-1/{scope}/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"}
    if target:
        headers |= {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
    connection.request("POST" if target else "PUT", path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{target or path}: {answer.status} {content[:300]!r}")
    return content


@contextmanager
def _running(folder: Path, *, unsaved: bool = False) -> Iterator[Cloud]:
    popen = subprocess.Popen

    def started(command: list[str], **settings: Any) -> Any:
        program = ["-c", _UNSAVED] if unsaved and "embedded.server" in command else command[1:3]
        return popen([command[0], *program, *command[3:]], **settings)

    with mock.patch.object(lifecycle.subprocess, "Popen", started):
        lifecycle.up(folder)
    try:
        yield Cloud(folder)
    finally:
        lifecycle.down(folder)


def _cost(root: Path, *, puts: int, rounds: int) -> None:
    with _running(root / "saved") as saved, _running(root / "unsaved", unsaved=True) as unsaved:
        sides = {"saved": (saved, saved.prepare()), "unsaved": (unsaved, unsaved.prepare())}
        for write in WRITES:
            for parallel in (1, _PARALLEL):
                rates: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
                for at in range(rounds):
                    for name, (cloud, queue) in sides.items():
                        first = (at * 2 + (parallel > 1)) * puts
                        rates[name].append(
                            cloud.rate(write, queue, first=first, count=puts, parallel=parallel)
                        )
                print(f"{write.name:18} {parallel} at a time: {_compared(rates)}")


def _compared(rates: dict[str, list[tuple[float, float]]]) -> str:
    (saved, busy), (unsaved, busy_unsaved) = (
        (
            statistics.median(rate for rate, _ in rates[name]),
            statistics.median(busy for _, busy in rates[name]),
        )
        for name in ("saved", "unsaved")
    )
    return (
        f"{saved:5.0f}/s, unsaved {unsaved:5.0f}/s, ratio {saved / unsaved:.2f}; "
        f"processor {busy:.2f} ms, unsaved {busy_unsaved:.2f} ms"
    )


def _starts(folder: Path, *, deploy: bool) -> None:
    _print_time("start, new folder", lambda: lifecycle.up(folder))
    _print_memory(folder, "idle")
    if deploy:
        _print_time("deploy all stacks", lambda: deployment.deploy(folder))
        _print_memory(folder, "with the stacks deployed")
    _print_time("up, already running", lambda: lifecycle.up(folder))
    _print_time("down", lambda: lifecycle.down(folder))
    _print_time("start after a stop", lambda: lifecycle.up(folder))
    pid = lifecycle.status(folder).server_pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    _print_time("start after a kill", lambda: lifecycle.up(folder))
    lifecycle.down(folder)


def _print_time(what: str, run: Callable[[], object]) -> None:
    started = time.perf_counter()
    run()
    print(f"{what:24} {time.perf_counter() - started:6.2f} s")


def _print_memory(folder: Path, what: str) -> None:
    for _ in range(100):
        if lifecycle.status(folder).is_tracking_up:
            break
        time.sleep(0.2)
    for record in State(folder).running():
        status = Path(f"/proc/{record.pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        print(f"memory {what}: {resident / 1024:.0f} MiB {' '.join(record.argv)[-60:]}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lifecycle", description=__doc__)
    parser.add_argument("--puts", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--deploy", action="store_true", help="Deploy the stacks before restarts are timed.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _starts(Path(folder) / "starts", deploy=arguments.deploy)
        _cost(Path(folder), puts=arguments.puts, rounds=arguments.rounds)


if __name__ == "__main__":
    sys.exit(main())
