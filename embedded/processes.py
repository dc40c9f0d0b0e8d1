"""Every process of the embedded cloud: started in its own group, written down, and ended with its server.

A record is one file in `<state>/processes/`, named after the pid and holding the moment at which it started,
so that a reused pid is never mistaken for ours. Whoever wants to end them all needs only that folder: `down`
after an orderly stop, and the guardian (embedded/guardian.py) when the server is killed.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# With this and what the server's callbacks may take, `down` stays under five seconds.
_GRACE_SECONDS = 1.5
_KILL_SECONDS = 3.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Record:
    """A process as written down: who it is, and since when."""

    pid: int
    started: str
    argv: tuple[str, ...]
    path: Path

    @property
    def is_running(self) -> bool:
        """Whether this very process, not a later one with the same pid, is still there."""
        return start_time(self.pid) == self.started

    def signal_group(self, number: int) -> None:
        """Send a signal to the process and to everything that it started in its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Processes:
    """The folder of records."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def spawn(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        stdout: int | IO[Any] | None,
        stderr: int | IO[Any] | None = subprocess.STDOUT,
        stdin: int | IO[Any] | None = subprocess.DEVNULL,
        text: bool = False,
        pass_fds: Sequence[int] = (),
    ) -> "subprocess.Popen[Any]":
        """Start a process in a group of its own and write it down; when it ends, so does its whole group."""
        process = subprocess.Popen(
            [str(part) for part in argv],
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            encoding="utf-8" if text else None,
            errors="replace" if text else None,
            bufsize=1 if text else -1,
            process_group=0,
            pass_fds=pass_fds,
        )
        record = self.write(process.pid, argv)
        threading.Thread(target=_see_out, args=(process, record), daemon=True).start()
        return process

    def write(self, pid: int, argv: Sequence[str | Path]) -> Record:
        """Write a running process down."""
        record = Record(
            pid, start_time(pid) or "", tuple(str(part) for part in argv), self._folder / f"{pid}.json"
        )
        temporary = record.path.with_suffix(".new")
        temporary.write_text(json.dumps({"started": record.started, "argv": record.argv}))
        temporary.replace(record.path)
        return record

    def forget(self, pid: int) -> None:
        """Remove a process's record: it ends by itself."""
        (self._folder / f"{pid}.json").unlink(missing_ok=True)

    def running(self) -> list[Record]:
        """The processes that are still there; records of others are removed."""
        found = list(self._records())
        for record in found:
            if not record.is_running:
                record.path.unlink(missing_ok=True)
        return [record for record in found if record.is_running]

    def end_all(self, *, grace: float = _GRACE_SECONDS) -> list[Record]:
        """End every process, after `grace` seconds by force; returns those that are still there."""
        _end(self.running(), grace)
        return self.running()

    def _records(self) -> Iterator[Record]:
        for path in sorted(self._folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError):
                body = json.loads(path.read_text())
                yield Record(int(path.stem), body["started"], tuple(body["argv"]), path)


def _end(records: Sequence[Record], grace: float) -> None:
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, _KILL_SECONDS)):
        for record in records:
            record.signal_group(number)
        if wait_until(lambda: not any(record.is_running for record in records), seconds=seconds):
            break
    for record in records:
        record.signal_group(signal.SIGKILL)  # What the leader left behind in its group.


def _see_out(process: "subprocess.Popen[Any]", record: Record) -> None:
    process.wait()
    record.signal_group(signal.SIGKILL)
    record.path.unlink(missing_ok=True)


def wait_until(condition: Any, *, seconds: float) -> bool:
    """Poll a condition until it holds; whether it did within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def is_stopped(pid: int) -> bool:
    """Whether a process stands still after SIGSTOP."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return _shown(pid, "stat=").startswith("T")


def start_time(pid: int) -> str | None:
    """When a process started, in whatever form the system tells it; None when it is gone or only a zombie."""
    if Path("/proc/self/stat").exists():
        return _start_time_from_proc(pid)
    shown = _shown(pid, "stat=,lstart=")
    return shown.partition(" ")[2].strip() if shown and not shown.startswith("Z") else None


def _shown(pid: int, columns: str) -> str:
    command = ["ps", "-o", columns, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _start_time_from_proc(pid: int) -> str | None:
    try:
        # The command may hold spaces and brackets, so fields are counted from its closing one (man 5 proc).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # A zombie whose other threads are still on their way out keeps its sockets until the last is gone.
    is_gone = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if is_gone else fields[19]
