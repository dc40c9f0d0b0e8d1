"""Lambda workers run on a bare interpreter, where only layers and code can be imported, and are capped.

MiniStack runs them on the server's own interpreter, whose packages hide missing dependencies, unpacks every
layer for every worker, shows the function the server's environment, and lets workers outlive a killed server.
"""

import io
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
import venv
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from embedded import lambda_worker
from embedded.cloud import Cloud
from embedded.mends import function_logs, worker_ends

_MOST_WORKERS = 24
_SPARE_WORKERS = 8
"""Beside as many as run at once: what idles is ended last where there is room."""
_LOG_SECONDS = 5.0
_NOT_FOR_FUNCTIONS = ("UV_", "PIP_", "VIRTUAL_ENV", "PYTHON")

_unpacking = threading.Lock()


def install(cloud: Cloud) -> None:
    """Replace MiniStack's worker of Python functions by ours."""
    from ministack.core import lambda_runtime

    class Worker(lambda_runtime.Worker):  # type: ignore[misc]
        """An execution environment of ours for Python; MiniStack's own for the rest."""

        def _spawn(self) -> None:
            if not str(self.config.get("Runtime", "")).startswith("python"):
                super()._spawn()
                return
            _make_room(lambda_runtime)
            self.environment_id = uuid4().hex
            self._proc, self._start_time = _start(cloud, self), time.time()
            self._stderr_queue: queue.Queue[str] = queue.Queue()
            threading.Thread(target=self._read_stderr, daemon=True).start()
            self._last = self._proc
            worker_ends.wait_until_ready(self._proc, self.config)

        def invoke(self, *arguments: Any, **named: Any) -> Any:
            answer = super().invoke(*arguments, **named)
            function_logs.answered_by(self.__dict__.get("environment_id", ""))
            if answer.get("error") == worker_ends.DIED and isinstance(
                self.__dict__.get("_last"), subprocess.Popen
            ):
                return answer | {"error": worker_ends.explain(self._last)}
            return answer

        def _read_stderr(self) -> None:
            super()._read_stderr()
            self._stderr_queue.put(lambda_worker.LOG_END)

        def _drain_stderr_bounded(self, *_arguments: Any) -> str:
            if not str(self.config.get("Runtime", "")).startswith("python"):
                return str(super()._drain_stderr_bounded())
            return "\n".join(_log_of_one_call(self._stderr_queue))

    lambda_runtime.Worker = Worker


def interpreter(state_dir: Path) -> Path:
    """A virtual environment with nothing in it, made at the first use."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    folder = state_dir / "lambda" / f"python-{version}"
    with _unpacking:
        if not (folder / "pyvenv.cfg").exists():
            venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    return folder / "bin" / "python"


def unpacked(state_dir: Path, archive: bytes) -> Path:
    """The folder that holds a zip's content: one for all workers, so that byte code is compiled once."""
    folder = state_dir / "lambda" / "unpacked" / sha256(archive).hexdigest()
    with _unpacking:
        if not folder.exists():
            temporary = folder.with_suffix(".new")
            shutil.rmtree(temporary, ignore_errors=True)
            with zipfile.ZipFile(io.BytesIO(archive)) as content:
                content.extractall(temporary)
            temporary.rename(folder)
    return folder


def _start(cloud: Cloud, worker: Any) -> "subprocess.Popen[str]":
    code = unpacked(cloud.state_dir, worker.code_zip)
    module, _, handler = worker.config["Handler"].rpartition(".")
    init = {
        "code_dir": str(code),
        "layers": [str(folder) for folder in _layers(cloud.state_dir, worker.config)],
        "module": module.replace("/", "."),
        "handler": handler,
        "function_name": worker.config["FunctionName"],
        "memory": worker.config.get("MemorySize", 128),
        "arn": worker.config["FunctionArn"],
    }
    process = cloud.processes.spawn(
        [interpreter(cloud.state_dir), "-s", "-P", "-u", Path(lambda_worker.__file__)],
        env=environment(cloud.child_environment, worker.config, code, environment_id=worker.environment_id),
        cwd=code,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin  # noqa: S101 - pipes asked for above
    process.stdin.write(json.dumps(init) + "\n")
    process.stdin.flush()
    return process


def _layers(state_dir: Path, config: Mapping[str, Any]) -> list[Path]:
    from ministack.services.lambda_svc import _resolve_layer_zip

    found = [(layer, _resolve_layer_zip(layer)) for layer in config.get("Layers", [])]
    missing = [layer for layer, archive in found if not archive]
    if missing:
        raise RuntimeError(f"{config['FunctionName']} names layers that do not exist: {missing}")
    return [unpacked(state_dir, archive) for _, archive in found]


def environment(
    base: Mapping[str, str], config: Mapping[str, Any], code: Path, *, environment_id: str
) -> dict[str, str]:
    """The variables that AWS sets, the function's own, and the way to the cloud; nothing of the server's."""
    from ministack.core.lambda_runtime import execution_credentials

    name, version = config["FunctionName"], config.get("Version", "$LATEST")
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    reserved = {
        **execution_credentials(config),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{environment_id}",
        "LAMBDA_TASK_ROOT": str(code),
        "_HANDLER": config["Handler"],
        "TZ": ":UTC",
    }
    own = (config.get("Environment") or {}).get("Variables") or {}
    kept = {key: value for key, value in base.items() if not key.startswith(_NOT_FOR_FUNCTIONS)}
    return kept | own | reserved


def _log_of_one_call(lines: "queue.Queue[str]") -> list[str]:
    found = list(iter(partial(_next_line, lines), lambda_worker.LOG_END))
    return [line for line in found if line is not None]


def _next_line(lines: "queue.Queue[str]") -> str:
    try:
        return lines.get(timeout=_LOG_SECONDS)
    except queue.Empty:  # The worker was ended in the middle of a call.
        return lambda_worker.LOG_END


def _most_workers() -> int:
    at_once = int(os.environ.get("LAMBDA_ACCOUNT_CONCURRENCY") or 0)
    return max(_MOST_WORKERS, at_once + _SPARE_WORKERS)


def _make_room(lambda_runtime: Any) -> None:
    """End the worker that has idled longest, when there are as many as there may be."""
    with lambda_runtime._lock:
        alive = [worker for pool in lambda_runtime._workers.values() for worker in pool if worker._proc]
        idle = sorted((worker for worker in alive if not worker.in_use), key=lambda worker: worker.last_used)
        surplus = idle[: max(0, len(alive) - _most_workers() + 1)]
        for worker in surplus:
            worker.in_use = True  # Nobody else takes it from here on.
    lambda_runtime.kill_workers(surplus)
    for worker in surplus:
        lambda_runtime.release_worker(worker)
