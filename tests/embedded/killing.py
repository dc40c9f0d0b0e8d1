"""Kills the server of a cloud and the workers of its functions at random moments."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from embedded import lifecycle
from embedded.processes import Record
from embedded.state import State

_LONGEST_PAUSE = 0.6
"""seconds between two kills"""


@dataclass
class Kills:
    """How many processes were killed, and how long the server took to come back (seconds)."""

    workers: int = 0
    clouds: int = 0
    starts: list[float] = field(default_factory=list)


@contextmanager
def revived(state_dir: Path) -> Iterator[list[float]]:
    """Start the cloud again whenever it is gone; how long each start took, in seconds."""
    over, starts = threading.Event(), list[float]()

    def watch() -> None:
        while not over.wait(0.1):
            if lifecycle.status(state_dir).server_pid is None:
                begun = time.monotonic()
                lifecycle.up(state_dir)
                starts.append(time.monotonic() - begun)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield starts
    finally:
        over.set()
        thread.join()


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
    """End one of the processes that run functions."""
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
