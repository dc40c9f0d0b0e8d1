"""Kills the server of a cloud and the workers of its functions at random moments."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from embedded import lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.environment import REGION
from embedded.processes import Record, wait_until
from embedded.state import State
from tests.embedded.conftest import CloudSession
from tests.embedded.stage import Stage

_LONGEST_PAUSE = 0.6
"""seconds between two kills"""
_WORKER_SECONDS = 20.0
"""for which a process is waited for that can be killed"""


@dataclass
class Kills:
    """How many processes were killed, and how long the server took to come back (seconds)."""

    workers: int = 0
    clouds: int = 0
    starts: list[float] = field(default_factory=list)


class Impatient(CloudSession):
    """Asks again after seconds: a request on its way to a server that is killed may never be answered."""

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """A boto3 client that waits ten seconds at most."""
        keys = credentials or ROOT_CREDENTIALS
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            verify=self.ca_bundle,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
            config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2}),
        )


def impatient(stage: Stage) -> Stage:
    """The same stage, for whoever kills it."""
    return Stage(Impatient(**vars(stage.cloud)), stage.settings, stage.deployed_at)


@contextmanager
def in_background(*loops: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run each loop in a thread of its own, until the event that it is given is set."""
    over = threading.Event()
    threads = [threading.Thread(target=loop, args=(over,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def revived(state_dir: Path) -> Iterator[list[float]]:
    """Start the cloud again whenever it is gone; how long each start took, in seconds."""
    starts = list[float]()

    def watch(over: threading.Event) -> None:
        while not over.wait(0.1):
            if lifecycle.status(state_dir).server_pid is None:
                begun = time.monotonic()
                lifecycle.up(state_dir)
                starts.append(time.monotonic() - begun)

    with in_background(watch):
        yield starts


def kill_cloud(state_dir: Path, kills: Kills) -> None:
    """End the server as a power cut does, and start it again."""
    pid = lifecycle.status(state_dir).server_pid
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        kills.clouds += 1
    begun = time.monotonic()
    lifecycle.up(state_dir)
    kills.starts.append(time.monotonic() - begun)


def kill_worker(state_dir: Path, kills: Kills, draw: random.Random) -> None:
    """End one of the processes that run functions, as soon as there is one."""
    wait_until(lambda: bool(workers(state_dir)), seconds=_WORKER_SECONDS)
    found = workers(state_dir)
    if found:
        draw.choice(found).signal_group(signal.SIGKILL)
        kills.workers += 1


def workers(state_dir: Path) -> list[Record]:
    """The processes that run functions."""
    running = State(state_dir).running()
    return [each for each in running if any("lambda_worker" in part for part in each.argv)]


def kill_at_random(state_dir: Path, *, workers: int, clouds: int, seed: int) -> Kills:
    """Kill so many of each, in any order."""
    draw, kills = random.Random(seed), Kills()
    wanted = ["worker"] * workers + ["cloud"] * clouds
    draw.shuffle(wanted)
    for each in wanted:
        time.sleep(draw.uniform(0.02, _LONGEST_PAUSE))
        if each == "cloud":
            kill_cloud(state_dir, kills)
        else:
            kill_worker(state_dir, kills, draw)
    return kills
