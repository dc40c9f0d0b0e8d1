"""Start, stop and look at the embedded cloud: what `sluice local …`, the demo and the tests call."""

import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded import certificates, environment, mlflow_server
from embedded.processes import wait_until
from embedded.state import LifecycleError as LifecycleError
from embedded.state import Ports, State, check_free
from embedded.state import default_folder as default_folder

_START_SECONDS = 240
# The server ends within four seconds; what has not ended by then is ended by force.
_STOP_SECONDS = 4.2
_LOG_TAIL_BYTES = 3_000
_REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Status:
    """How the embedded cloud is."""

    state_dir: Path
    is_up: bool
    endpoint_url: str | None = None
    tracking_uri: str | None = None
    server_pid: int | None = None
    is_tracking_up: bool = False
    """Whether the tracking server answers by now; before, its clients wait."""
    processes: tuple[str, ...] = ()
    """What runs beside the server: command lines."""


def up(state_dir: Path | None = None) -> Status:
    """Start the cloud and wait until it answers; nothing to do where it does.

    Its tracking server takes connections as soon as the cloud answers, and answers them when it is ready.
    """
    state = State((state_dir or default_folder()).resolve())
    with state.lock():
        ports = state.prepare()
        server = state.server()
        # One that was just killed may seem to run for a moment.
        if server is None or not _wait(state, ports, server.pid, lambda: not server.is_running):
            _start(state, ports)
    return status(state.folder)


def down(state_dir: Path | None = None) -> None:
    """Save, stop and end every process; raises when one is left."""
    state = State((state_dir or default_folder()).resolve())
    if not state.folder.exists():
        return
    with state.lock():
        server = state.server()
        if server:
            os.kill(server.pid, signal.SIGTERM)
            wait_until(lambda: not server.is_running, seconds=_STOP_SECONDS)
        left = state.end_all()
    if left:
        shown = ", ".join(f"{record.pid} ({' '.join(record.argv)})" for record in left)
        raise LifecycleError(f"these processes could not be ended: {shown}")


def status(state_dir: Path | None = None) -> Status:
    """What is running, asked of the system and of the servers."""
    state = State((state_dir or default_folder()).resolve())
    ports, server = state.ports(), state.server()
    if ports is None or server is None:
        return Status(state.folder, is_up=False)
    return Status(
        state.folder,
        is_up=_answers(state, ports),
        endpoint_url=environment.endpoint_url(ports.cloud),
        tracking_uri=mlflow_server.tracking_uri(ports.mlflow),
        server_pid=server.pid,
        is_tracking_up=_answers_ok(f"{mlflow_server.tracking_uri(ports.mlflow)}/health", state, seconds=0.1),
        processes=tuple(" ".join(each.argv) for each in state.running() if each.pid != server.pid),
    )


def client_variables(state_dir: Path | None = None) -> dict[str, str]:
    """Endpoint, region, CA bundles and tracking server for a process on this machine; no credentials."""
    state = State((state_dir or default_folder()).resolve())
    ports = state.ports()
    if ports is None:
        raise LifecycleError(f"no embedded cloud was ever started in {state.folder}: run `sluice local up`")
    files = certificates.Certificates(state.certificates)
    return environment.client_variables(ports.cloud, files) | {
        "MLFLOW_TRACKING_URI": mlflow_server.tracking_uri(ports.mlflow)
    }


def log_paths(state_dir: Path | None = None) -> Mapping[str, Path]:
    """The logs, by the name of what writes them."""
    state = State((state_dir or default_folder()).resolve())
    return {"cloud": state.cloud_log, "mlflow": state.mlflow_log}


def _start(state: State, ports: Ports) -> None:
    state.end_all()  # Of a server that was killed.
    state.clear_temporary_files()
    for port in (ports.cloud, ports.mlflow):
        check_free(port, state.folder)
    certificates.ensure(state.certificates)
    instance = state.new_instance()
    command = [
        *(sys.executable, "-m", "embedded.server", "--state", str(state.folder)),
        *("--port", str(ports.cloud), "--mlflow-port", str(ports.mlflow), "--records", str(instance)),
    ]
    if state.cloud_log.exists():  # It may say why the last one ended.
        state.cloud_log.replace(state.cloud_log.with_name(f"{state.cloud_log.name}.1"))
    with state.cloud_log.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=_REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if not _wait(state, ports, process.pid, lambda: process.poll() is not None):
        tail = state.cloud_log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
        raise LifecycleError(
            f"the embedded cloud ended while it started; the end of {state.cloud_log}:\n{tail}"
        )


def _wait(state: State, ports: Ports, pid: int, has_ended: Callable[[], bool]) -> bool:
    """Wait until the cloud answers; False when its server ends instead."""
    started = time.monotonic()
    if not wait_until(lambda: has_ended() or _answers(state, ports), seconds=_START_SECONDS):
        raise LifecycleError(
            f"the embedded cloud (process {pid}) does not answer after {time.monotonic() - started:.0f} s; "
            f"look into {state.cloud_log} and {state.mlflow_log}, then run `sluice local down`"
        )
    return not has_ended()


def _answers(state: State, ports: Ports) -> bool:
    return _answers_ok(f"{environment.endpoint_url(ports.cloud)}/_ministack/ready", state, seconds=2)


def _answers_ok(url: str, state: State, *, seconds: float) -> bool:
    authority = certificates.Certificates(state.certificates).authority
    if not authority.exists():
        return False
    direct = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(authority))),
    )
    try:
        with direct.open(url, timeout=seconds) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
