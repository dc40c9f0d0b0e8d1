"""The webhook's door under load, half of the requests forged, against a function that only verifies.

    python -m benchmarks.webhooks [--seconds 20] [--warm-up 10] [--connections 64] [--kilobytes 7]

In a cloud of its own, over TLS, each by its Function URL: the deployed `receive_webhook`, and a peer that
only compares the HMAC-SHA-256 of the body in constant time. Both run in processes of the same size, one for
each connection at most: with a lower reserved concurrency Lambda answers 429 to what is above it. What is
signed is a push to a repository that the stage is not connected to, under a delivery id of its own: it is
read, cut down and put on the queue, which nobody works off meanwhile. Latencies are those of 202 and 401;
other answers are counted apart. The first request of all starts the process: the cold start, with the import
of everything.
"""

import argparse
import asyncio
import hashlib
import hmac
import io
import itertools
import json
import math
import ssl
import statistics
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from benchmarks.cloud import Deployed, deployed
from embedded import lifecycle
from embedded.environment import ACCOUNT_ID
from sluiceway.github.settings import GitHubSecret, secret_name

SECRET = "a secret of this benchmark"
PUSH = Path(__file__).parents[1] / "tests" / "events" / "github" / "push.json"
EXPECTED = {True: 202, False: 401}
PEER = """
import base64, hashlib, hmac
SECRET = {secret!r}.encode()
def handler(event, context):
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    wanted = "sha256=" + hmac.new(SECRET, raw, hashlib.sha256).hexdigest()
    given = event["headers"].get("x-hub-signature-256", "")
    return {{"statusCode": 202 if hmac.compare_digest(wanted, given) else 401, "body": "{{}}"}}
"""


@dataclass
class Load:
    """What the connections have seen of one function."""

    first: float = 0.0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    others: Counter[int] = field(default_factory=Counter)
    """Answers that are neither right nor wrong: throttled, or failed."""

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.latencies) / self.seconds


@dataclass(frozen=True)
class Door:
    """Where to knock: one Function URL."""

    host: str
    path: str
    port: int
    tls: ssl.SSLContext

    def request(self, body: bytes, *, signed: bool) -> bytes:
        """One HTTP request, as GitHub sends it."""
        digest = hmac.new(SECRET.encode() if signed else b"forged", body, hashlib.sha256).hexdigest()
        head = [
            f"POST {self.path} HTTP/1.1",
            f"Host: {self.host}",
            "Content-Type: application/json",
            "X-GitHub-Event: push",
            f"X-GitHub-Delivery: {uuid.uuid4()}",
            f"X-Hub-Signature-256: sha256={digest}",
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*head, "", ""]).encode() + body


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--warm-up", type=float, default=10, help="seconds in which processes start")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--kilobytes", type=int, default=7)
    arguments = parser.parse_args()
    with deployed(arguments.connections + 8) as on:
        secret = GitHubSecret(webhook_secret=SECRET, token="github_pat_benchmark").model_dump_json()
        name = secret_name(on.stage.settings.stage)
        on.root("secretsmanager").create_secret(Name=name, SecretString=secret)
        body = payload(arguments.kilobytes * 1024)
        _leave_the_queue_alone(on)
        urls = {
            "the HMAC alone": peer_url(on, arguments.connections),
            "receive_webhook": f"{on.stage.settings.webhook_url}github",
        }
        loads = {name: asyncio.run(load(door(url), body, arguments)) for name, url in urls.items()}
    show(loads, arguments)
    return 0


def _leave_the_queue_alone(on: Deployed) -> None:
    """What works deliveries off would take its time from the same two cores."""
    functions = on.root("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if "WebhooksWork" in mapping["EventSourceArn"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def payload(size: int) -> bytes:
    """A push of this many bytes, to a repository that nobody is connected to."""
    push: dict[str, Any] = json.loads(PUSH.read_text())
    push["repository"]["full_name"] = "nobody/benchmark"
    push["padding"] = ""
    push["padding"] = "x" * max(0, size - len(json.dumps(push)))
    return json.dumps(push).encode()


def door(url: str) -> Door:
    """Where a Function URL is served."""
    variables = lifecycle.client_variables()
    endpoint, parts = urlsplit(variables["AWS_ENDPOINT_URL"]), urlsplit(url)
    tls = ssl.create_default_context(cafile=variables["AWS_CA_BUNDLE"])
    return Door(parts.netloc, parts.path or "/", endpoint.port or 443, tls)


def peer_url(on: Deployed, concurrency: int) -> str:
    """The URL of a function that verifies, and nothing else; it and the door may run so often at once."""
    functions, name = on.root("lambda"), "peer"
    receive = next(
        each
        for page in functions.get_paginator("list_functions").paginate()
        for each in page["Functions"]
        if each["Handler"] == "lambdas.github.receive_webhook.handler"
    )
    functions.create_function(
        FunctionName=name,
        Runtime=receive["Runtime"],
        Handler="peer.handler",
        Role=_role(on),
        Code={"ZipFile": _zip(PEER.format(secret=SECRET))},
        MemorySize=receive["MemorySize"],
        Timeout=receive["Timeout"],
    )
    for each in (name, receive["FunctionName"]):
        functions.put_function_concurrency(FunctionName=each, ReservedConcurrentExecutions=concurrency)
    url: str = functions.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    public: dict[str, Any] = {"FunctionName": name, "Principal": "*"}
    functions.add_permission(
        **public, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE"
    )
    functions.add_permission(**public, StatementId="call", Action="lambda:InvokeFunction")
    return url


def _role(on: Deployed) -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = on.root("iam")
    iam.create_role(RoleName="peer", AssumeRolePolicyDocument=document)
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [logs]})
    iam.put_role_policy(RoleName="peer", PolicyName="logs", PolicyDocument=policy)
    return f"arn:aws:iam::{ACCOUNT_ID}:role/peer"


def _zip(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("peer.py", source)
    return buffer.getvalue()


async def load(at: Door, body: bytes, arguments: argparse.Namespace) -> Load:
    """One request alone, then all connections at once, every second request forged; first uncounted."""
    found, begun = Load(), time.perf_counter()
    await knock(at, body, found, iter([True]), until=0.0)
    found.first, found.latencies = time.perf_counter() - begun, []
    await _all(at, body, Load(), connections=arguments.connections, seconds=arguments.warm_up)
    begun = time.perf_counter()
    await _all(at, body, found, connections=arguments.connections, seconds=arguments.seconds)
    found.seconds = time.perf_counter() - begun
    return found


async def _all(at: Door, body: bytes, found: Load, *, connections: int, seconds: float) -> None:
    kinds, until = itertools.cycle([True, False]), time.perf_counter() + seconds
    await asyncio.gather(*(knock(at, body, found, kinds, until=until) for _ in range(connections)))


async def knock(at: Door, body: bytes, found: Load, kinds: Iterator[bool], *, until: float) -> None:
    """One connection: request after request until the time is over; at least one."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", at.port, ssl=at.tls, server_hostname="localhost"
    )
    for signed in kinds:
        begun = time.perf_counter()
        writer.write(at.request(body, signed=signed))
        status = await _status(reader)
        if status == EXPECTED[signed]:
            found.latencies.append(time.perf_counter() - begun)
        else:
            found.others[status] += 1
        if time.perf_counter() >= until:
            break
    writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    await reader.readexactly(int(lines.get("content-length", 0)))
    return int(head.split(" ", 2)[1])


def show(loads: dict[str, Load], arguments: argparse.Namespace) -> None:
    """One row for each function."""
    title = f"{arguments.connections} connections, {arguments.kilobytes} KB bodies, half of them forged"
    table = Table(
        "function", "requests/s", "ratio", "median, ms", "p99, ms", "first, ms", "others", title=title
    )
    peer = next(iter(loads.values()))
    for name, found in loads.items():
        ordered = sorted(found.latencies)
        table.add_row(
            name,
            f"{found.rate:.0f}",
            f"{found.rate / peer.rate:.2f}",
            f"{statistics.median(ordered) * 1000:.0f}",
            f"{ordered[math.ceil(len(ordered) * 0.99) - 1] * 1000:.0f}",
            f"{found.first * 1000:.0f}",
            ", ".join(f"{count} × {status}" for status, count in found.others.items()) or "none",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
