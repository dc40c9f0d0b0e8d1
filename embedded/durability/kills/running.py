"""Writes from a thread for each writer, while the server is killed and started again."""

import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from embedded import lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.durability.kills.writers import WRITERS, Client, Writer

_LONGEST_SECONDS = 1.5


@dataclass
class Outcome:
    """What was acknowledged, what of it was missing, and how long the restarts took (seconds)."""

    acknowledged: dict[str, list[Any]] = field(default_factory=dict)
    missing: dict[str, list[Any]] = field(default_factory=dict)
    restarts: list[float] = field(default_factory=list)

    def of(self, name: str) -> list[Any]:
        """What a writer's writes returned."""
        return self.acknowledged.setdefault(name, [])


def run(
    state_dir: Path, *, kills: int, seed: int, writers: Mapping[str, Callable[[], Writer]] = WRITERS
) -> Outcome:
    """Write from a thread for each writer, and kill the server so many times; the cloud is left running."""
    draw, outcome = random.Random(seed), Outcome()  # noqa: S311 - moments, not secrets
    made = {name: make() for name, make in writers.items()}
    lifecycle.up(state_dir)
    for writer in made.values():
        writer.prepare(_client(state_dir))
    over = threading.Event()
    threads = [
        threading.Thread(target=_keep_writing, args=(_client(state_dir), writer, outcome.of(name), over))
        for name, writer in made.items()
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(kills):
            time.sleep(draw.uniform(0.05, _LONGEST_SECONDS))
            outcome.restarts.append(_kill(state_dir))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    client = _client(state_dir)
    outcome.missing = {
        name: writer.missing(client, outcome.acknowledged[name]) for name, writer in made.items()
    }
    return outcome


def _keep_writing(client: Client, writer: Writer, acknowledged: list[Any], over: threading.Event) -> None:
    for number in itertools.count():
        if over.is_set():
            return
        try:
            acknowledged.append(writer.write(client, number))
        except (ClientError, BotoCoreError):
            over.wait(0.05)  # The server is gone; this write was not acknowledged.


def _kill(state_dir: Path) -> float:
    pid = lifecycle.status(state_dir).server_pid
    if pid:
        os.kill(pid, signal.SIGKILL)
    started = time.monotonic()
    lifecycle.up(state_dir)
    return time.monotonic() - started


def _client(state_dir: Path) -> Client:
    variables = lifecycle.client_variables(state_dir)
    made: dict[str, Any] = {}
    # A write that is tried again by itself would hide that it was not acknowledged.
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=20)

    def client(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(  # type: ignore[call-overload]
                service,
                endpoint_url=variables["AWS_ENDPOINT_URL"],
                verify=variables["AWS_CA_BUNDLE"],
                region_name=variables["AWS_REGION"],
                aws_access_key_id=ROOT_CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=ROOT_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                config=config,
            )
        return made[service]

    return client
