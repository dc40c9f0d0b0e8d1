"""A real `mlflow server` beside the cloud: one worker, SQLite, artifacts fetched from S3 by its clients."""

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from embedded.cloud import ROOT_CREDENTIALS, Cloud

_MODULE = "embedded.mlflow_process"
_WAITING = 512  # How many connections may wait while it starts.


def start(cloud: Cloud, port: int) -> None:
    """Start the tracking server; it takes connections at once, and answers some seconds later."""
    folder = cloud.state_dir / "mlflow"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        socket.create_server(("127.0.0.1", port), backlog=_WAITING) as listening,
        log_path(cloud.state_dir).open("ab") as log,
    ):
        cloud.processes.spawn(
            _command(folder, port, listening.fileno()),
            env=_environment(cloud),
            cwd=folder,
            stdout=log,
            pass_fds=(listening.fileno(),),
        )


def is_of(argv: Sequence[str]) -> bool:
    """Whether a command line is the tracking server's."""
    return _MODULE in argv


def tracking_uri(port: int) -> str:
    """Where it answers."""
    return f"http://127.0.0.1:{port}"


def log_path(state_dir: Path) -> Path:
    """What it says."""
    return state_dir / "logs" / "mlflow.log"


def _command(folder: Path, port: int, descriptor: int) -> list[str]:
    return [
        *(sys.executable, "-m", _MODULE, str(descriptor)),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
        # Experiments bring their own location in S3; this is for those made by hand.
        *("--default-artifact-root", str(folder / "artifacts"), "--no-serve-artifacts"),
    ]


def _environment(cloud: Cloud) -> dict[str, str]:
    # Its web pages show artifacts, which the server itself fetches from S3.
    return {
        **cloud.child_environment,
        **ROOT_CREDENTIALS,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        # The job runners are eight processes and a gigabyte that nothing here uses.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
