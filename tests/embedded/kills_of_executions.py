"""Starts executions without end, while the server is killed, and tells how each of them ended."""

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from embedded import lifecycle
from embedded.processes import start_time
from tests.embedded.conftest import started, wait_for
from tests.embedded.killed_stage import End, Stage
from tests.embedded.killing import in_background

_LONGEST_SECONDS = 2.5
_PAUSE_SECONDS = 0.1
_TELLING_SECONDS = 60.0


@dataclass
class Outcome:
    """What became of the executions whose start was acknowledged."""

    undisturbed: dict[str, End | None] = field(default_factory=dict)
    """How an execution of each machine ends where nothing is killed."""
    ends: dict[str, dict[str, End | None]] = field(default_factory=dict)
    """By the name of the machine and the ARN; None: it was not there."""
    torn: list[str] = field(default_factory=list)
    """ARNs whose history is not whole."""
    untold: set[tuple[str, str]] = field(default_factory=set)
    """ARNs and statuses of which no event told."""

    @property
    def told_of(self) -> set[tuple[str, str]]:
        """What events must tell: that each execution ran, and how it ended."""
        found = [(arn, end[0]) for ends in self.ends.values() for arn, end in ends.items() if end]
        return {(arn, status) for arn, end in found for status in ("RUNNING", end)}


def run(state_dir: Path, *, kills: int, seed: int) -> Outcome:
    """Kill the server so often while executions are started; the cloud is left running."""
    draw, outcome, told = random.Random(seed), Outcome(), set[tuple[str, str]]()
    stage = Stage(started(state_dir))
    with _threads(lambda: stage.hear(told), stage.answer):
        outcome.undisturbed = {name: stage.end(stage.start(name, "first")) for name in stage.machines}
        starter = _Starter(stage, outcome)
        with _threads(starter.start_next):
            for _ in range(kills):
                time.sleep(draw.uniform(0.2, _LONGEST_SECONDS))
                _kill(state_dir)
        while not starter.is_even:
            starter.start_next()
        for ends in outcome.ends.values():
            ends.update({arn: stage.end(arn) for arn in ends})
        outcome.torn = [arn for ends in outcome.ends.values() for arn in ends if not stage.is_whole(arn)]
        with contextlib.suppress(AssertionError):  # What is missing then is the outcome.
            wait_for(lambda: outcome.told_of <= told, seconds=_TELLING_SECONDS)
    outcome.untold = outcome.told_of - told
    return outcome


class _Starter:
    """Starts an execution of each machine, over and over."""

    def __init__(self, stage: Stage, outcome: Outcome) -> None:
        self._stage = stage
        self._ends = outcome.ends
        self._numbers = itertools.count()
        self._pending: list[tuple[str, str]] = []

    @property
    def is_even(self) -> bool:
        """Whether as many of each machine were started."""
        return not self._pending and bool(self._ends)

    def start_next(self) -> None:
        """Start the next one; where that is not acknowledged, the same one the next time."""
        if not self._pending:
            number = next(self._numbers)
            self._pending = [(machine, f"{machine}-{number}") for machine in self._stage.machines]
        machine, name = self._pending[-1]
        arn = self._stage.start(machine, name)
        self._pending.pop()
        self._ends.setdefault(machine, {})[arn] = None
        time.sleep(_PAUSE_SECONDS)


def _threads(*steps: Callable[[], None]) -> AbstractContextManager[None]:
    """Take each step again and again in a thread of its own."""
    return in_background(*(partial(_keep_on, step) for step in steps))


def _keep_on(step: Callable[[], None], over: threading.Event) -> None:
    while not over.is_set():
        try:
            step()
        except (ClientError, BotoCoreError):
            over.wait(0.1)  # The server is gone.


def _kill(state_dir: Path) -> None:
    pid = lifecycle.status(state_dir).server_pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: start_time(pid) is None)
    lifecycle.up(state_dir)
