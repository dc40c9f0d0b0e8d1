"""One process under supervision: its lines, its end, and what may end it early."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

# What ECS grants between SIGTERM and SIGKILL (stopTimeout's default).
GRACE_SECONDS = 30.0


class Spawner(Protocol):
    """What of the cloud is needed to start a process."""

    def spawn(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        stdout: int | None,
        stderr: int | None = ...,
    ) -> "subprocess.Popen[Any]":
        """Start a process in a group of its own."""


class ProcessCloud(Spawner, Protocol):
    """What of the cloud a process needs that works under a role."""

    @property
    def state_dir(self) -> Path:
        """The cloud's folder."""

    @property
    def child_environment(self) -> Mapping[str, str]:
        """What every process gets."""

    def credentials(
        self, role_arn: str, session_name: str, *, service: str | None = None, source_arn: str = ""
    ) -> dict[str, str]:
        """Variables with a role's credentials, if a service is trusted to assume it for a resource."""

    def client(
        self,
        service: str,
        *,
        role_arn: str | None = None,
        session_name: str = "service",
        on_behalf_of: str | None = None,
        source_arn: str = "",
    ) -> Any:
        """A boto3 client under a role that a service assumes for a resource."""


class StopSignal:
    """Between one process and whoever may end it early; remembers why a stop was first asked for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ended = False
        self.reason: str | None = None

    def stop(self, reason: str) -> None:
        """Ask for a stop."""
        with self._changed:
            self.reason = self.reason or reason
            self._changed.notify_all()

    def end(self) -> None:
        """Tell that what could be stopped has ended by itself."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for_stop(self, seconds: float | None) -> bool:
        """Wait for a stop, the end, or for `seconds`; whether a stop is asked for and the end not reached."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self.reason is not None, seconds)
            return not self._ended and self.reason is not None

    def wait_for_end(self, seconds: float | None) -> bool:
        """Wait for the end; whether it came within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended, seconds)

    @property
    def has_ended(self) -> bool:
        """Whether the end was reached."""
        return self._ended


@dataclass(frozen=True)
class Ending:
    """How a process ended: its exit code (128 + n for signal n), and what ended it early."""

    exit_code: int
    timed_out: bool = False
    stopped: str | None = None


def supervise(
    process: "subprocess.Popen[Any]",
    *,
    on_line: Callable[[str], None],
    stop: StopSignal,
    timeout: float | None = None,
    grace: float = GRACE_SECONDS,
) -> Ending:
    """Wait for a process, reading its lines; end its group after `timeout` seconds or when asked to."""
    reader = _start(lambda: _read(process, on_line))
    _start(lambda: _await(process, stop))
    asked = stop.wait_for_stop(timeout)
    timed_out = not asked and not stop.has_ended
    if asked or timed_out:
        _end(process, stop, grace)
    _signal(process, signal.SIGKILL)  # What it started and left behind must not keep its output open.
    reader.join()
    code = process.wait()
    return Ending(128 - code if code < 0 else code, timed_out, stop.reason if asked else None)


def _await(process: "subprocess.Popen[Any]", stop: StopSignal) -> None:
    process.wait()
    stop.end()


def _end(process: "subprocess.Popen[Any]", stop: StopSignal, grace: float) -> None:
    _signal(process, signal.SIGTERM)
    if not stop.wait_for_end(grace):
        _signal(process, signal.SIGKILL)
        stop.wait_for_end(None)


def _read(process: "subprocess.Popen[Any]", on_line: Callable[[str], None]) -> None:
    if process.stdout is None:
        return
    with process.stdout as lines:
        for line in lines:
            on_line(line.decode(errors="replace").rstrip("\r\n"))


def _signal(process: "subprocess.Popen[Any]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _start(run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
