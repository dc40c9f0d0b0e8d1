"""Finding the run that an upload started."""

from datetime import UTC, datetime

import pytest

from embedded.demo.pushes import NothingStarted, _run_of, _Wanted
from sluiceway.gateways.records import DatasetPointer, EventRecord, RunRecord
from tests.fakes.stage import FakeStage

CODE, OLD, NEW = "a" * 64, "b" * 64, "c" * 64
WANTED = _Wanted(CODE, OLD, since="2026-11-21T12:00:00.000Z")
NOW = "2026-11-21T12:00:05.000Z"


@pytest.fixture
def fake() -> FakeStage:
    """A stage with the project's runs on the old and the new version of the dataset."""
    fake = FakeStage()
    for version in (OLD, NEW):
        fake.ledger.claim_run(
            RunRecord(
                run_id=f"run-{version[0]}",
                project="flight-delay",
                trigger="upload",
                event_id=version,
                code_version=CODE,
                dataset_versions={"flights": version},
                requested_at=NOW,
            )
        )
    return fake


def settle(fake: FakeStage, version: str) -> None:
    fake.ledger.move_dataset_pointer(
        DatasetPointer(
            dataset="flights",
            version=version,
            uri="s3://a/b",
            objects=1,
            bytes=1,
            order=NOW,
            event_id=version,
            moved_at=NOW,
        )
    )


def event(kind: str, outcome: str, **facts: str) -> EventRecord:
    at = datetime(2026, 11, 21, 12, 0, 4, tzinfo=UTC).isoformat()
    return EventRecord(event_id=kind, event=kind, subject="x", outcome=outcome, recorded_at=at, **facts)


def requested(run_id: str) -> EventRecord:
    return event("DatasetVersioned", "requested", project="flight-delay", run_id=run_id)


def test_the_run_is_the_one_on_the_version_with_the_upload_in_it(fake):
    """Pushing the code may start another run, on the data of before."""
    settle(fake, NEW)
    found = _run_of(fake.stage, WANTED, [requested("run-b"), requested("run-c")])
    assert found is not None
    assert found.run_id == "run-c"


def test_nothing_is_found_before_the_dataset_has_settled(fake):
    """What is decided about the old version is not what was asked for."""
    settle(fake, OLD)
    assert _run_of(fake.stage, WANTED, [requested("run-b")]) is None


def test_data_that_changed_nothing_leads_to_the_run_of_before(fake):
    """The same file again: no new version, no new run."""
    settle(fake, OLD)
    events = [event("DatasetSettled", "unchanged", dataset="flights"), requested("run-b")]
    found = _run_of(fake.stage, WANTED, events)
    assert found is not None
    assert found.run_id == "run-b"


def test_a_refused_upload_ends_the_wait_with_its_reason(fake):
    """Nobody waits for what cannot come."""
    with pytest.raises(NothingStarted, match="not a zip"):
        _run_of(fake.stage, WANTED, [event("ObjectCreated", "refused", reason="not a zip")])
