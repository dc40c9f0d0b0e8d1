"""From a push of data to the updated endpoint, against bare Python running the same two steps.

In a cloud of its own, month after month of flights is pushed. Each round runs `prepare` and `train` by hand
first, with the environment image's own Python on the same files and MLflow on SQLite; then as a run of the
deployed pipeline: plan, Batch, evaluation, registration, gate, blue/green update, verification, IAM enforced.

    python benchmarks/flow.py [--rounds 3]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from embedded import deployment, lifecycle
from embedded.demo import flights, operator
from embedded.demo.pushes import Push, push
from embedded.demo.scenario import RunEndedBadly
from sluiceway.cli.progress import Snapshot, follow_run
from sluiceway.cli.push import pack_code
from sluiceway.cli.stage import Stage


@dataclass(frozen=True)
class Round:
    """Seconds of one round."""

    bare: float
    """Both steps by hand."""
    to_registered: float
    """From the run's request to the end of RegisterModel."""
    run: float
    """The whole run."""
    to_live: float
    """From the upload to the endpoint's serving the new model; holds the dataset's settle time."""
    states: dict[str, float]


def main() -> int:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SLUICEWAY_STATE"] = folder
        try:
            measured = list(play(Path(folder), rounds))
        finally:
            lifecycle.down()
    show(measured)
    return 0


def play(state_dir: Path, rounds: int) -> list[Round]:
    """The first month builds the image and is not counted."""
    lifecycle.up()
    deployment.deploy()
    stage = operator.open_stage(operator.operator_clients())
    code = pack_code(flights.FOLDER)
    follow(stage, push(stage, month=1, code=code, with_code=True))
    found = []
    for month in range(2, 2 + rounds):
        bare = bare_seconds(interpreter(state_dir), range(1, month + 1))
        pushed = push(stage, month=month, code=code, with_code=False)
        found.append(measured_round(stage, pushed, bare))
    return found


def follow(stage: Stage, pushed: Push) -> Snapshot:
    """The run's end; raises where it failed."""
    *_, last = follow_run(stage, pushed.run.run_id)
    if last.run.status == "FAILED":
        raise RunEndedBadly(last.run.reason)
    return last


def measured_round(stage: Stage, pushed: Push, bare: float) -> Round:
    """A run's figures, from the ledger and the history of its execution."""
    last = follow(stage, pushed)
    endpoint = stage.ledger.endpoint(flights.PROJECT)
    assert endpoint is not None
    states = {state.name: state.seconds(last.at) for state in last.states}
    register = next(state for state in last.states if state.name == "RegisterModel")
    assert register.ended is not None
    registered = (register.ended - datetime.fromisoformat(last.run.requested_at)).total_seconds()
    live = (datetime.fromisoformat(endpoint.moved_at) - pushed.at).total_seconds()
    return Round(bare, registered, last.seconds, live, states)


def interpreter(state_dir: Path) -> Path:
    """The Python of the environment image that the first run built."""
    return next((state_dir / "images").glob("*/venv/bin/python"))


def bare_seconds(python: Path, months: range) -> float:
    """`prepare` and `train` one after the other, each a process of its own, as a person would run them."""
    with tempfile.TemporaryDirectory() as work:
        data, prepared = Path(work) / "data", Path(work) / "prepared"
        data.mkdir()
        for month in months:
            (data / f"{month}.parquet").symlink_to(flights.fetch(month))
        environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{work}/mlflow.db"}
        started = time.perf_counter()
        for command in (
            [
                str(python),
                "prepare.py",
                "--data",
                str(data),
                "--output",
                str(prepared),
                "--holdout-days",
                "7",
            ],
            [
                str(python),
                "train.py",
                "--prepared",
                str(prepared),
                "--iterations",
                "80",
                "--learning-rate",
                "0.08",
            ],
        ):
            subprocess.run(command, cwd=flights.FOLDER, env=environment, check=True, capture_output=True)
        return time.perf_counter() - started


def show(measured: list[Round]) -> None:
    """Medians, and each figure's ratio to bare Python, round by round."""
    table = Table("figure", "s (median)", "ratio to bare Python", title="The main job, warm")
    for field in ("bare", "to_registered", "run", "to_live"):
        ratio = statistics.median(getattr(each, field) / each.bare for each in measured)
        table.add_row(
            field, f"{statistics.median(getattr(each, field) for each in measured):.1f}", f"{ratio:.2f}"
        )
    states = Table("state", "s (median)", title="Where the run's time goes")
    for name in measured[0].states:
        states.add_row(name, f"{statistics.median(each.states.get(name, 0.0) for each in measured):.2f}")
    console = Console(width=110)
    console.print(table)
    console.print(states)


if __name__ == "__main__":
    sys.exit(main())
