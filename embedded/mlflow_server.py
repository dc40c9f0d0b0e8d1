"""A real `mlflow server` beside the cloud: one worker, SQLite, artifacts fetched from S3 by its clients."""

import sys
from pathlib import Path

from embedded.cloud import ROOT_CREDENTIALS, Cloud


def start(cloud: Cloud, port: int) -> None:
    """Start the tracking server; it is ready some twelve seconds later."""
    folder = cloud.state_dir / "mlflow"
    folder.mkdir(parents=True, exist_ok=True)
    with log_path(cloud.state_dir).open("ab") as log:
        cloud.spawn(_command(folder, port), env=_environment(cloud), cwd=folder, stdout=log)


def tracking_uri(port: int) -> str:
    """Where it answers."""
    return f"http://127.0.0.1:{port}"


def log_path(state_dir: Path) -> Path:
    """What it says."""
    return state_dir / "logs" / "mlflow.log"


def _command(folder: Path, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "mlflow", "server"),
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
        # The job runners are eight processes and a gigabyte that nothing here uses.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
