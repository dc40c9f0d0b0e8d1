"""The folder in which the embedded cloud lives: its ports, its records, its logs and what MiniStack saves."""

import contextlib
import itertools
import json
import os
import random
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.metadata import version
from pathlib import Path
from typing import Any

from embedded.processes import Processes, Record, wait_until
from sluiceway.errors import SluicewayError

_FORMAT = 2
_LOCK_SECONDS = 30
_PORT_SECONDS = 3
# Below the range from which systems pick the near end of outgoing connections.
_PORT_RANGE = range(20_000, 32_000)


class LifecycleError(SluicewayError):
    """The embedded cloud cannot be started, stopped or deployed to; the message says why and what to do."""


@dataclass(frozen=True)
class Ports:
    """The two ports; the same for a folder's life, as deployed stacks hold them in their settings."""

    cloud: int
    mlflow: int


@dataclass(frozen=True)
class State:
    """One folder."""

    folder: Path

    @property
    def certificates(self) -> Path:
        """Our certificate authority and what it signed."""
        return self.folder / "certificates"

    @property
    def cloud_log(self) -> Path:
        """What the server says."""
        return self.folder / "logs" / "cloud.log"

    @property
    def mlflow_log(self) -> Path:
        """What the tracking server says."""
        return self.folder / "logs" / "mlflow.log"

    def prepare(self) -> Ports:
        """Make the folder where it is missing; refuse one that another version left or that is damaged."""
        with _writable(self.folder):
            for name in ("logs", "tmp", "processes"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            self._check_maker()
            return self.ports() or self._choose_ports()

    def ports(self) -> Ports | None:
        """The ports chosen at the first start."""
        path = self.folder / "ports.json"
        return Ports(**_document(path)) if path.exists() else None

    def new_instance(self) -> Path:
        """The folder of records for a new server: a guardian ends only what its own server started."""
        return self.folder / "processes" / str(time.time_ns())

    def running(self) -> list[Record]:
        """All processes of this cloud that are there, of whichever server."""
        return [record for processes in self._instances() for record in processes.running()]

    def server(self) -> Record | None:
        """The server, if it is there."""
        return next((record for record in self.running() if "embedded.server" in record.argv), None)

    def end_all(self, *, grace: float = 0.0) -> list[Record]:
        """End every process, and forget the records; returns what could not be ended."""
        left = [record for processes in self._instances() for record in processes.end_all(grace=grace)]
        if not left:
            shutil.rmtree(self.folder / "processes", ignore_errors=True)
        return left

    def clear_temporary_files(self) -> None:
        """Remove what processes left that were killed; nothing may run."""
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)
        (self.folder / "tmp").mkdir(exist_ok=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One start or stop at a time."""
        with _writable(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            opened = (self.folder / "lock").open("w")
        # The system gives it back when its holder ends, however it ends: a file that was left locks nothing.
        with opened as file:
            if not wait_until(lambda: _locks(file.fileno()), seconds=_LOCK_SECONDS):
                raise LifecycleError(f"another start or stop has held {file.name} for {_LOCK_SECONDS} s")
            yield

    def _instances(self) -> list[Processes]:
        folder = self.folder / "processes"
        return [Processes(path) for path in folder.iterdir()] if folder.exists() else []

    def _check_maker(self) -> None:
        path = self.folder / "made-by.json"
        made_by = {"format": _FORMAT, "ministack": version("ministack")}
        if not path.exists():
            path.write_text(json.dumps(made_by))
        found = _document(path)
        if found != made_by:
            raise LifecycleError(
                f"{self.folder} holds the state of another version ({found}; this is {made_by}). "
                f"Remove that folder, or set SLUICEWAY_STATE to another one, and deploy anew"
            )

    def _choose_ports(self) -> Ports:
        candidates = random.sample(_PORT_RANGE, len(_PORT_RANGE))
        cloud, mlflow = itertools.islice(filter(_is_free, candidates), 2)
        ports = Ports(cloud, mlflow)
        (self.folder / "ports.json").write_text(json.dumps(vars(ports)))
        return ports


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LifecycleError(
            f"the state folder {folder} cannot be written ({error.strerror}: {error.filename}). "
            "Make it writable, or set SLUICEWAY_STATE to another folder"
        ) from error


def _document(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except ValueError as error:
        raise LifecycleError(
            f"{path} is damaged ({error}). Bring back a snapshot with `sluice local restore NAME`, "
            f"or remove {path.parent} and deploy anew"
        ) from error


def default_folder() -> Path:
    """`SLUICEWAY_STATE`, or `.sluiceway` in the repository."""
    chosen = os.environ.get("SLUICEWAY_STATE")
    return (Path(chosen) if chosen else Path(__file__).parents[1] / ".sluiceway").resolve()


def check_free(port: int, folder: Path) -> None:
    """Refuse a port on which somebody else listens."""
    if not wait_until(lambda: _is_free(port), seconds=_PORT_SECONDS):
        raise LifecycleError(
            f"port {port}, which {folder / 'ports.json'} names, is in use by another program. "
            f"End that program; or remove {folder} to choose new ports and deploy anew"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _locks(descriptor: int) -> bool:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
