"""`python -m containers serve`: the model in `SM_MODEL_DIR` on port `SAGEMAKER_BIND_TO_PORT`."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SWITCH_SECONDS = 0.001
"""How long the model's thread may keep the interpreter while requests wait (Python's default is 5 ms)."""

DRAIN_SECONDS = 25
"""SageMaker kills a container 30 s after it has asked it to stop."""


@dataclass(frozen=True)
class Environment:
    """What the environment says; SageMaker's names where it has one."""

    model_dir: Path
    port: int
    host: str
    max_body_bytes: int
    max_waiting: int
    max_batch_rows: int

    @classmethod
    def read(cls, values: Mapping[str, str]) -> "Environment":
        """Settings with their defaults; `ValueError` that names the variable when one is no number."""
        return cls(
            model_dir=Path(values.get("SM_MODEL_DIR", "/opt/ml/model")),
            port=_number(values, "SAGEMAKER_BIND_TO_PORT", 8080),
            host=values.get("SLUICEWAY_BIND_HOST", "0.0.0.0"),  # noqa: S104 - a container's own network
            max_body_bytes=_number(values, "SLUICEWAY_MAX_BODY_MIB", 25) << 20,
            max_waiting=_number(values, "SLUICEWAY_MAX_WAITING", 512),
            max_batch_rows=_number(values, "SLUICEWAY_MAX_BATCH_ROWS", 8192),
        )


def main(_arguments: list[str]) -> int:
    """Serve until told to stop; 1 when the model cannot be loaded, and then stderr says why."""
    # One request is too little work to share among threads: their start costs more than they save.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    sys.setswitchinterval(SWITCH_SECONDS)
    return _run(Environment.read(os.environ))


def _run(environment: Environment) -> int:
    import uvicorn

    from containers.model_server.application import Application, Settings
    from containers.model_server.batching import Limits
    from containers.model_server.loading import load

    failures: list[Exception] = []

    def stop(error: Exception) -> None:
        failures.append(error)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        server.should_exit = True

    limits = Limits(waiting=environment.max_waiting, batch_rows=environment.max_batch_rows)
    settings = Settings(max_body_bytes=environment.max_body_bytes, limits=limits)
    application = Application(lambda: load(environment.model_dir), settings=settings, on_failure=stop)
    config = uvicorn.Config(
        application,
        host=environment.host,
        port=environment.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        backlog=2048,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    # uvicorn drains on SIGTERM and then raises the signal again: an orderly stop should end with 0.
    signal.signal(signal.SIGTERM, lambda *_: None)
    server.run()
    return 1 if failures else 0


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, str(default))
    if not text.isdigit():
        raise ValueError(f"the environment variable {name} must be a whole number, not {text!r}")
    return int(text)
