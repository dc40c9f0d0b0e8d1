"""How a run is getting on, as snapshots: from the ledger, the state machines' history and the jobs' logs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sluiceway.cli.history import (
    StateProgress,
    nested_arn,
    read_history,
    states_of,
    transitions_of,
)
from sluiceway.cli.jobs import Job, jobs_of, last_line
from sluiceway.cli.stage import Stage

if TYPE_CHECKING:
    from sluiceway.gateways.records import RunRecord

POLL_SECONDS = 1.0


@dataclass(frozen=True)
class JobProgress:
    """The job that was submitted last."""

    name: str
    status: str
    last_line: str | None


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment."""

    at: datetime
    run: "RunRecord"
    states: tuple[StateProgress, ...]
    """In order of entry; those of nested executions after the state that runs them."""
    job: JobProgress | None
    transitions: int
    """State transitions up to now, nested executions included."""

    @property
    def seconds(self) -> float:
        """Since the run was requested, up to its end or to now."""
        end = datetime.fromisoformat(self.run.finished_at) if self.run.finished_at else self.at
        return max(0.0, (end - datetime.fromisoformat(self.run.requested_at)).total_seconds())


def follow_run(stage: Stage, run_id: str, *, poll_seconds: float = POLL_SECONDS) -> Iterator[Snapshot]:
    """Take a snapshot now and then until the run has ended; the last one holds its end state."""
    while True:
        snapshot = take_snapshot(stage, run_id)
        yield snapshot
        if snapshot.run.ended and not any(state.ended is None for state in snapshot.states):
            return
        time.sleep(poll_seconds)


def take_snapshot(stage: Stage, run_id: str) -> Snapshot:
    """Ask the ledger, Step Functions, Batch and CloudWatch Logs where the run stands."""
    run = stage.ledger.run(run_id)
    states, transitions = _states(stage, run) if run.execution_arn or not run.ended else ((), 0)
    jobs = jobs_of(stage, run_id) if states else []
    return Snapshot(datetime.now(UTC), run, states, _job(stage, jobs, ended=run.ended), transitions)


def _states(stage: Stage, run: "RunRecord") -> tuple[tuple[StateProgress, ...], int]:
    client, settings = stage.client("stepfunctions"), stage.settings
    events = read_history(client, run.execution_arn or nested_arn(settings.run_pipeline_arn, run.run_id))
    nested = {
        "BuildImage": nested_arn(settings.build_image_arn, f"{run.run_id}-image"),
        "DeployModel": nested_arn(settings.deploy_model_arn, run.run_id),
    }
    states, transitions = [], transitions_of(events)
    for state in states_of(events):
        states.append(state)
        if state.name in nested:
            inner = read_history(client, nested[state.name])
            states.extend(states_of(inner, depth=1))
            transitions += transitions_of(inner)
    return tuple(states), transitions


def _job(stage: Stage, jobs: list[Job], *, ended: bool) -> JobProgress | None:
    if not jobs or ended:
        return None
    latest = jobs[-1]
    return JobProgress(latest.name, latest.status, last_line(stage, latest))
