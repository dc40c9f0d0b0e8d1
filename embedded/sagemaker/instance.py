"""One instance of a variant: a container process, its health, its log lines, and requests to it."""

import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import urllib3

from embedded.supervision import StopSignal, supervise

INVOCATION_SECONDS = 60.0
"""How long a container may take to answer; SageMaker's limit."""

_PING_SECONDS = 2.0
_PING_INTERVAL = 0.05
_STOP_GRACE_SECONDS = 30.0
_CONNECTIONS = 64


class Spawner(Protocol):
    """What of the cloud is needed to start a container."""

    def spawn(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, stdout: int | None
    ) -> "subprocess.Popen[Any]":
        """Start a process in a group of its own."""


class UnhealthyError(Exception):
    """A container that ended, or did not answer /ping in time."""


@dataclass(frozen=True)
class Launch:
    """How to start a container, and where its lines go."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    workdir: Path
    on_line: Callable[[str], None]
    on_end: Callable[[], None]


class Instance:
    """A container process on a port of its own."""

    def __init__(self, variant: str, instance_id: str | None = None) -> None:
        self.variant = variant
        self.instance_id = instance_id or f"i-{secrets.token_hex(9)[:17]}"
        self.port = _free_port()
        self.in_flight = 0
        """Counted by whoever hands the instance out, under that one's lock."""
        self._pool = urllib3.HTTPConnectionPool(
            "127.0.0.1", self.port, maxsize=_CONNECTIONS, retries=False, timeout=INVOCATION_SECONDS
        )
        self._stop = StopSignal()
        self._process: subprocess.Popen[Any] | None = None
        self._supervisor: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The process, once started."""
        return self._process.pid if self._process else None

    @property
    def is_alive(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and not self._stop.has_ended

    def start(self, spawner: Spawner, launch: Launch) -> None:
        """Start the process."""
        environment = {**launch.environment, "SAGEMAKER_BIND_TO_PORT": str(self.port)}
        process = spawner.spawn(launch.argv, env=environment, cwd=launch.workdir, stdout=subprocess.PIPE)
        self._process = process

        def watch() -> None:
            supervise(process, on_line=launch.on_line, stop=self._stop, grace=_STOP_GRACE_SECONDS)
            launch.on_end()

        self._supervisor = threading.Thread(target=watch, name=f"container {self.instance_id}", daemon=True)
        self._supervisor.start()

    def wait_until_healthy(self, seconds: float) -> None:
        """Return when /ping answers 200; raise UnhealthyError when the process ends or time runs out."""
        deadline = time.monotonic() + seconds
        while not self._answers_ping():
            if not self.is_alive or time.monotonic() > deadline:
                raise UnhealthyError(self.instance_id)
            self._stop.wait_for_end(_PING_INTERVAL)

    def invoke(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        seconds: float = INVOCATION_SECONDS,
        preload: bool = True,
    ) -> urllib3.BaseHTTPResponse:
        """POST /invocations, over a kept connection where there is one.

        Without `preload` the body of the answer is still to be read, part by part as it comes.
        """
        try:
            return self._post(body, headers, seconds, preload)
        except urllib3.exceptions.IncompleteRead:
            raise
        except urllib3.exceptions.ProtocolError:
            # The container closed a kept connection at this very moment; nothing of an answer had come.
            return self._post(body, headers, seconds, preload)

    def ask(self, path: str) -> urllib3.BaseHTTPResponse | None:
        """GET a path of the container's; None when it does not answer."""
        try:
            return self._pool.request("GET", path, timeout=_PING_SECONDS, redirect=False)
        except urllib3.exceptions.HTTPError:
            return None

    def stop(self) -> None:
        """End the process (SIGTERM; SIGKILL after 30 s, as SageMaker does) and return when it has."""
        self._stop.stop("the instance is not needed any more")
        if self._supervisor:
            self._supervisor.join()
        self._pool.close()

    def wait_for_end(self) -> None:
        """Return when the process has ended."""
        self._stop.wait_for_end(None)

    def _post(
        self, body: bytes, headers: Mapping[str, str], seconds: float, preload: bool
    ) -> urllib3.BaseHTTPResponse:
        return self._pool.request(
            "POST",
            "/invocations",
            body=body,
            headers=headers,
            redirect=False,
            timeout=seconds,
            preload_content=preload,
        )

    def _answers_ping(self) -> bool:
        answer = self.ask("/ping")
        return answer is not None and answer.status == 200


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
