"""Uploads, and the run that the events behind them start: found in the ledger by what goes into it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from embedded.demo import flights
from sluiceway.cli.push import PackedCode, upload_code, upload_data
from sluiceway.cli.stage import Stage
from sluiceway.clock import timestamp
from sluiceway.errors import PermanentError
from sluiceway.gateways.records import EventRecord, RunRecord

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 180


class NothingStarted(PermanentError):
    """An upload started no run, or was refused."""


@dataclass(frozen=True)
class Push:
    """What was uploaded, and what came of it."""

    at: datetime
    month: int
    run: RunRecord
    is_new: bool
    """False where the same inputs had been run before: nothing is trained twice."""


def months_there(stage: Stage) -> int:
    """How many months the dataset holds: each is one object."""
    pointer = stage.ledger.dataset_pointer(flights.DATASET)
    return pointer.objects if pointer else 0


def push(stage: Stage, *, month: int, code: PackedCode, with_code: bool) -> Push:
    """Upload a month, and the code where asked; wait for the run with exactly these inputs."""
    path = flights.fetch(month)
    before = stage.ledger.dataset_pointer(flights.DATASET)
    at = datetime.now(UTC)
    if with_code:
        upload_code(stage, code)
    upload_data(stage, flights.DATASET, path)
    wanted = _Wanted(code.version, before.version if before else None, since=timestamp(at))
    run = _wait_for_run(stage, wanted)
    return Push(at, month, run, is_new=run.requested_at >= wanted.since)


@dataclass(frozen=True)
class _Wanted:
    """The run that is waited for: of this code, on the dataset as it is once the upload has settled."""

    code_version: str
    dataset_before: str | None
    since: str


def _wait_for_run(stage: Stage, wanted: _Wanted) -> RunRecord:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        events = [event for event in stage.ledger.events(limit=50) if event.recorded_at >= wanted.since]
        run = _run_of(stage, wanted, events)
        if run is not None:
            return run
        if time.monotonic() > deadline:
            raise NothingStarted(f"no run was started within {PATIENCE_SECONDS} s; {_told(events)}")
        time.sleep(POLL_SECONDS)


def _run_of(stage: Stage, wanted: _Wanted, events: list[EventRecord]) -> RunRecord | None:
    refused = [event for event in events if event.outcome == "refused"]
    if refused:
        raise NothingStarted(f"{refused[0].subject} was refused: {refused[0].reason}")
    dataset = _settled_version(stage, wanted, events)
    decided = [event.run_id for event in events if event.project == flights.PROJECT and event.run_id]
    runs = [stage.ledger.run(run_id) for run_id in decided]
    inputs = (wanted.code_version, {flights.DATASET: dataset})
    return next((run for run in runs if (run.code_version, run.dataset_versions) == inputs), None)


def _settled_version(stage: Stage, wanted: _Wanted, events: list[EventRecord]) -> str | None:
    """The dataset's version with the upload in it; None until it has settled."""
    pointer = stage.ledger.dataset_pointer(flights.DATASET)
    if pointer is None:
        return None
    unchanged = any(each.outcome == "unchanged" and each.event == "DatasetSettled" for each in events)
    return pointer.version if unchanged or pointer.version != wanted.dataset_before else None


def _told(events: list[EventRecord]) -> str:
    told = "; ".join(f"{each.event} of {each.subject}: {each.outcome} ({each.reason})" for each in events)
    return f"events since: {told or 'none'}"
