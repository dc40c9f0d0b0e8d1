"""Runs the mix in processes that are killed at random moments, until all of it has ended."""

import multiprocessing
import random
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.unit.embedded.stepfunctions.engine.killed import notebook, program

_LONGEST_SECONDS = 60
_CALLS_SECONDS = 2.0
_PROGRAM = program.__name__
# Forked from a process that has read the code already: a new one would spend its life on imports.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([_PROGRAM])

Moment = Callable[[BaseProcess, Path, random.Random], None]


def undisturbed(folder: Path) -> None:
    """Run the mix in one process."""
    folder.mkdir()
    process = _started(folder)
    process.join(_LONGEST_SECONDS)
    _check_end(process)


def killed(folder: Path, *, most: int, draw: random.Random) -> int:
    """Run the mix to its end; returns how often it was killed, at most `most` times."""
    folder.mkdir()
    for kills in range(most):
        process = _started(folder)
        draw.choice(_MOMENTS)(process, folder, draw)
        process.kill()
        process.join()
        if process.exitcode == 0:  # It had ended before.
            return kills
    process = _started(folder)
    process.join(_LONGEST_SECONDS)
    _check_end(process)
    return most


def _started(folder: Path) -> BaseProcess:
    process = _PROCESSES.Process(target=program.run, args=(folder,), daemon=True)
    process.start()
    return process


def _check_end(process: BaseProcess) -> None:
    code = process.exitcode
    process.kill()
    assert code == 0, f"exit code {code} (None: it hangs)"


def _while_it_starts(process: BaseProcess, folder: Path, draw: random.Random) -> None:
    """Amid what it takes up."""
    process.join(draw.uniform(0, 0.1))


def _some_time_later(process: BaseProcess, folder: Path, draw: random.Random) -> None:
    """Whatever it is doing then."""
    process.join(draw.uniform(0.05, 0.5))


def _after_some_calls(process: BaseProcess, folder: Path, draw: random.Random) -> None:
    """As soon as it has made some more calls, the last one being in flight; or where it makes none."""
    notes, last = folder / program.NOTES, time.monotonic() + _CALLS_SECONDS
    wanted = notebook.count(notes) + draw.randint(1, 15)
    while notebook.count(notes) < wanted and process.is_alive() and time.monotonic() < last:
        process.join(0.001)


_MOMENTS: tuple[Moment, ...] = (_while_it_starts, _some_time_later, _after_some_calls, _after_some_calls)
