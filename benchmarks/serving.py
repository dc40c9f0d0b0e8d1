"""The model server against `mlflow models serve`: same models, same requests, in turn, in one run.

    python benchmarks/serving.py [--seconds 4] [--rounds 2]

One worker process each; the client shares the machine. `no-op` answers the same bytes without a model: what
the HTTP server itself can do here. Only ratios mean something on another machine.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
CASES = ((1, 1), (1, 16), (1, 64), (100, 16))
"""Rows in a request, connections."""
COLUMNS = [f"x{at}" for at in range(10)]


@dataclass(frozen=True)
class Server:
    """How a server is started and where it says that it is ready."""

    name: str
    command: Callable[[Path, int], list[str]]
    environment: Callable[[Path, int], dict[str, str]] = lambda _model, _port: {}


SERVERS = (
    Server(
        "mlflow models serve",
        lambda model, port: [
            *(
                sys.executable,
                "-m",
                "mlflow",
                "models",
                "serve",
                "--model-uri",
                str(model),
                "--port",
                str(port),
            ),
            *("--host", "127.0.0.1", "--env-manager", "local", "--workers", "1"),
        ],
    ),
    Server(
        "sluiceway",
        lambda _model, _port: [sys.executable, "-m", "containers", "serve"],
        lambda model, port: {
            "SM_MODEL_DIR": str(model),
            "SAGEMAKER_BIND_TO_PORT": str(port),
            "SLUICEWAY_BIND_HOST": "127.0.0.1",
        },
    ),
    Server(
        "no-op", lambda _model, port: [sys.executable, str(Path(__file__).with_name("noop.py")), str(port)]
    ),
)


def train(folder: Path) -> Path:
    """A logistic regression on ten columns: little work, so that the server shows."""
    import mlflow.sklearn
    from mlflow.models import infer_signature
    from sklearn.linear_model import LogisticRegression

    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(2000, 10)), columns=COLUMNS)
    model = LogisticRegression().fit(rows, rows.sum(axis=1) > 0)
    signature = infer_signature(rows, model.predict(rows).astype(int))
    mlflow.sklearn.save_model(model, folder / "model", signature=signature, pip_requirements=["scikit-learn"])
    return folder / "model"


@contextmanager
def running(server: Server, model: Path) -> Iterator[tuple[str, float, "subprocess.Popen[bytes]"]]:
    """URL of its invocations, seconds until it was ready, and the process."""
    port = _free_port()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": path} | server.environment(model, port)
    started = time.perf_counter()
    process = subprocess.Popen(
        server.command(model, port),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/ping", process)
        yield f"http://127.0.0.1:{port}/invocations", time.perf_counter() - started, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            if urllib.request.urlopen(url, timeout=1).status == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"a server ended with {process.returncode} before it was ready")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _body(rows: int, folder: Path) -> Path:
    data = np.random.default_rng(1).normal(size=(rows, 10)).tolist()
    path = folder / f"{rows}.json"
    path.write_text(json.dumps({"dataframe_split": {"columns": COLUMNS, "data": data}}))
    return path


def _load(url: str, body: Path, connections: int, seconds: float) -> dict:
    command = [sys.executable, str(Path(__file__).with_name("load.py")), url, str(body)]
    command += ["--connections", str(connections), "--seconds", str(seconds)]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))


def _rss_mib(process: "subprocess.Popen[bytes]") -> float:
    """Resident memory of the server's whole process group."""
    listed = subprocess.run(["ps", "-o", "rss=", "-g", str(process.pid)], capture_output=True, check=False)
    return sum(map(int, listed.stdout.split())) / 1024


def main() -> None:
    """Measure every server in every case, round by round, and print a table with ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    found: dict[tuple[str, int, int], list[dict]] = {}
    with tempfile.TemporaryDirectory() as folder:
        model = train(Path(folder))
        for _ in range(options.rounds):
            for server in SERVERS:
                _round(server, model, Path(folder), options.seconds, found)
    _table(found)


def _round(server: Server, model: Path, folder: Path, seconds: float, found: dict) -> None:
    with running(server, model) as (url, ready, process):
        for rows, connections in CASES:
            _load(url, _body(rows, folder), connections, 0.5)
            measured = _load(url, _body(rows, folder), connections, seconds)
            found.setdefault((server.name, rows, connections), []).append(measured)
        print(f"{server.name}: ready after {ready:.1f} s, {_rss_mib(process):.0f} MiB", flush=True)


def _table(found: dict) -> None:
    print(f"\n{'rows':>4} {'conn':>4}  {'server':<20} {'req/s':>9} {'p50 ms':>8} {'p99 ms':>8}  {'ratio':>6}")
    for rows, connections in CASES:
        base = _median(found[SERVERS[0].name, rows, connections], "rate")
        for server in SERVERS:
            runs = found[server.name, rows, connections]
            rate, p50, p99 = (_median(runs, key) for key in ("rate", "p50_ms", "p99_ms"))
            failures = [run["failures"] for run in runs if run["failures"]]
            line = f"{rows:>4} {connections:>4}  {server.name:<20} {rate:>9.0f} {p50:>8.2f} {p99:>8.2f}"
            print(f"{line}  {rate / base:>5.1f}x{f'  failures {failures}' if failures else ''}")


def _median(runs: list[dict], key: str) -> float:
    return statistics.median(run[key] for run in runs)


if __name__ == "__main__":
    main()
