"""A deployed stage in a cloud of its own, a small project to push, and what processes take."""

import io
import os
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded import deployment, lifecycle
from embedded.cloud import ROOT_CREDENTIALS
from embedded.demo import flights, operator
from embedded.environment import CONCURRENCY
from sluiceway.cli.stage import Stage

_SLUICE_YAML = """\
project: {project}
data: [{dataset}]
steps:
  prepare: {{parameters: {{data: "{{data.{dataset}}}", output: "{{output}}"}}}}
  train: {{parameters: {{prepared: "{{steps.prepare}}"}}}}
model: {{step: train}}
evaluate: {{holdout: prepare/holdout.parquet, target: label, metrics: [accuracy]}}
gate: {{metric: accuracy, minimum: 0.5}}
"""
_MLPROJECT = """\
name: {project}
python_env: python_env.yaml
entry_points:
  prepare: {{parameters: {{data: path, output: string}}, command: "python step.py {{data}} {{output}}"}}
  train: {{parameters: {{prepared: path}}, command: "python step.py {{prepared}}"}}
"""


@dataclass(frozen=True)
class Deployed:
    """A stage, as its operator sees it and as root does."""

    state_dir: Path
    stage: Stage
    root: Callable[..., Any]
    """Makes a boto3 client of a service as root."""

    @property
    def uploads(self) -> str:
        """The bucket into which people put."""
        return self.stage.settings.uploads_bucket

    def put(self, key: str, body: bytes) -> None:
        """One plain upload."""
        self.stage.client("s3").put_object(Bucket=self.uploads, Key=key, Body=body)


@contextmanager
def deployed(concurrency: int = 16) -> Iterator[Deployed]:
    """Start a cloud that runs so many functions at once, deploy, and take everything away afterwards."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"SLUICEWAY_STATE": folder, CONCURRENCY: str(concurrency)}
        try:
            lifecycle.up()
            deployment.deploy()
            stage = operator.open_stage(operator.operator_clients())
            root = operator.Clients(lifecycle.client_variables() | ROOT_CREDENTIALS)
            yield Deployed(Path(folder), stage, root)
        finally:
            lifecycle.down()
            for name in ("SLUICEWAY_STATE", CONCURRENCY):
                os.environ.pop(name)
            os.environ.update(before)


def archive(project: str, dataset: str, *, note: str = "") -> bytes:
    """A project of two steps that do nothing, in the example's environment; `note` makes it another code."""
    files = {
        "sluice.yaml": _SLUICE_YAML.format(project=project, dataset=dataset),
        "MLproject": _MLPROJECT.format(project=project),
        "step.py": f"import time\ntime.sleep(60)\n# {note}\n",
        **{name: (flights.FOLDER / name).read_text() for name in ("python_env.yaml", "requirements.txt")},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return buffer.getvalue()


def wait_for(condition: Callable[[], bool], *, seconds: float, poll: float = 0.2) -> float:
    """Seconds until the condition held; raises where it does not in time."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(poll)
    return time.monotonic() - begun


@dataclass
class Memory:
    """The most that the cloud's server, and the largest of the processes that run functions, held: MiB."""

    server: float = 0.0
    function: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def watch(self, server_pid: int) -> None:
        """Look ten times a second, until stopped."""
        while not self._stop.wait(0.1):
            self.server = max(self.server, _resident(server_pid))
            workers = [_resident(pid) for pid in _children(server_pid) if _is_worker(pid)]
            self.function = max([self.function, *workers])

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()


@contextmanager
def memory_watched(state_dir: Path) -> Iterator[Memory]:
    """What the cloud's processes take while the block runs."""
    memory = Memory()
    pid = lifecycle.status(state_dir).server_pid
    thread = threading.Thread(target=memory.watch, args=(int(pid or 0),), daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        memory.stop()
        thread.join()


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _is_worker(pid: int) -> bool:
    try:
        return b"lambda" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(each) for task in tasks for each in (task / "children").read_text().split()]
    except OSError:
        return []
