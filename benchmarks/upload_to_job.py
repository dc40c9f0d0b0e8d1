"""From the upload of one small file to the start of the first job's process, broken down by hop.

    python -m benchmarks.upload_to_job [--rounds 20] [--settle SECONDS]

In a cloud of its own, with the deployed functions, IAM enforced; the environment image was built by a run
before, which is not counted. Each round puts one file of a few bytes that is new, waits until the first
step's process runs, and stops the execution. `settled` holds the time for which nothing must be uploaded
(`settle_seconds` of the stage), which is waited for on purpose; `without settling` is the rest.
"""

import argparse
import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.cloud import Deployed, archive, deployed, wait_for
from sluiceway.gateways.executions import execution_arn
from sluiceway.gateways.records import RunRecord

PROJECT, DATASET = "latency", "small"
PATIENCE_SECONDS = 300
HOPS = ("settled", "requested", "execution started", "planned", "job submitted", "process started")
"""In order; each from the one before, the first from the put."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--settle", type=float, default=2.0, help="seconds that settling waits on purpose")
    arguments = parser.parse_args()
    with deployed() as on:
        on.put(f"code/{PROJECT}/{PROJECT}.zip", archive(PROJECT, DATASET))
        wait_for(lambda: on.stage.ledger.code_pointer(PROJECT) is not None, seconds=60)
        _round(on, 0)
        measured = [_round(on, number) for number in range(1, arguments.rounds + 1)]
    show(measured, settle=arguments.settle)
    return 0


def _round(on: Deployed, number: int) -> list[float]:
    """Seconds of each hop of one upload."""
    seen = {run.run_id for run in on.stage.ledger.runs(project=PROJECT)}
    begun = datetime.now(UTC)
    on.put(f"data/{DATASET}/{number:04d}.csv", f"{number}\n".encode())
    run = _first(lambda: [r for r in on.stage.ledger.runs(project=PROJECT) if r.run_id not in seen])
    arn = execution_arn(on.stage.settings.run_pipeline_arn, run.run_id)
    job = _first(lambda: _running_job(on, run))
    history = _history(on, arn)
    on.root("stepfunctions").stop_execution(executionArn=arn)
    wait_for(lambda: on.stage.ledger.run(run.run_id).ended, seconds=60)
    moments = [begun, _settled_at(on), *_of_execution(run, history), *_of_job(job)]
    return [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)]


def _first(find: Callable[[], Sequence[Any]]) -> Any:
    wait_for(lambda: bool(find()), seconds=PATIENCE_SECONDS, poll=0.05)
    return find()[0]


def _running_job(on: Deployed, run: RunRecord) -> list[dict[str, Any]]:
    """The first step's job, once its process runs."""
    batch, queue = on.root("batch"), on.stage.settings.job_queue
    wanted = [{"name": "JOB_NAME", "values": [f"{run.run_id}-prepare"]}]
    listed = batch.list_jobs(jobQueue=queue, filters=wanted)["jobSummaryList"]
    found = batch.describe_jobs(jobs=[each["jobId"] for each in listed])["jobs"] if listed else []
    return [job for job in found if job.get("startedAt")]


def _history(on: Deployed, arn: str) -> list[dict[str, Any]]:
    return list(on.root("stepfunctions").get_execution_history(executionArn=arn, maxResults=200)["events"])


def _settled_at(on: Deployed) -> datetime:
    pointer = on.stage.ledger.dataset_pointer(DATASET)
    assert pointer is not None
    return datetime.fromisoformat(pointer.moved_at)


def _of_execution(run: RunRecord, history: Sequence[dict[str, Any]]) -> list[datetime]:
    """When the run was requested, its execution started, and its steps begun."""
    started = next(event["timestamp"] for event in history if event["type"] == "ExecutionStarted")
    steps = next(
        event["timestamp"]
        for event in history
        if event.get("stateEnteredEventDetails", {}).get("name") == "RunSteps"
    )
    return [datetime.fromisoformat(run.requested_at), started, steps]


def _of_job(job: dict[str, Any]) -> list[datetime]:
    return [datetime.fromtimestamp(job[name] / 1000, UTC) for name in ("createdAt", "startedAt")]


def show(measured: Sequence[Sequence[float]], *, settle: float) -> None:
    """Median and 95th percentile of each hop, and of the whole."""
    table = Table(
        "hop", "median, s", "p95, s", title=f"Upload to the first job's process, {len(measured)} times"
    )
    for name, values in zip(HOPS, zip(*measured, strict=True), strict=True):
        table.add_row(name, *_told(values))
    table.add_section()
    whole = [sum(each) for each in measured]
    table.add_row("all", *_told(whole))
    table.add_row("without settling", *_told([each - settle for each in whole]))
    Console(width=110).print(table)


def _told(values: Sequence[float]) -> tuple[str, str]:
    ordered = sorted(values)
    return f"{statistics.median(ordered):.2f}", f"{ordered[math.ceil(len(ordered) * 0.95) - 1]:.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
