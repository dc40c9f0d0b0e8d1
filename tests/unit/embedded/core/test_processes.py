"""Processes are written down, ended with their whole group, and never mistaken for others."""

import json
import os
import subprocess
import sys
from pathlib import Path

from embedded.processes import Processes, start_time, wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
FAMILY = [
    sys.executable,
    "-c",
    "from subprocess import Popen; child = Popen(['sleep', '9']); print(child.pid, flush=True); child.wait()",
]


def _spawn(processes: Processes, argv: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    return processes.spawn(argv, env={"PATH": os.defpath}, cwd=folder, stdout=subprocess.PIPE)


def test_ending_a_process_ends_what_it_started(tmp_path: Path) -> None:
    """A job's children are in its group, and go with it."""
    processes = Processes(tmp_path / "records")
    process = _spawn(processes, FAMILY, tmp_path)
    assert process.stdout
    child = int(process.stdout.readline())
    assert processes.end_all() == []
    assert wait_until(lambda: start_time(child) is None, seconds=5)


def test_a_process_that_ended_is_forgotten(tmp_path: Path) -> None:
    """The record goes with the process, so that nobody signals a pid that is somebody else's by then."""
    processes = Processes(tmp_path / "records")
    _spawn(processes, [sys.executable, "-c", ""], tmp_path).wait()
    assert wait_until(lambda: not list((tmp_path / "records").iterdir()), seconds=5)


def test_a_reused_pid_is_not_ours(tmp_path: Path) -> None:
    """A record whose process started at another moment is dropped, and that process left alone."""
    other = subprocess.Popen(SLEEP)
    try:
        folder = tmp_path / "records"
        folder.mkdir()
        (folder / f"{other.pid}.json").write_text(json.dumps({"started": "long ago", "argv": []}))
        assert Processes(folder).end_all() == []
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """Politeness ends after a few seconds."""
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    processes = Processes(tmp_path / "records")
    process = _spawn(processes, [sys.executable, "-c", stubborn], tmp_path)
    assert process.stdout
    process.stdout.readline()
    assert processes.end_all() == []
