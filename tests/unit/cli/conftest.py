"""A stage in memory behind every command."""

from typing import Any

import pytest

from sluiceway.cli import export, invoke, ledger_lists, logs, models, push, scores, watch
from sluiceway.gateways.records import RunRecord
from tests.fakes.stage import FakeStage

COMMANDS = (export, invoke, ledger_lists, logs, models, push, scores, watch)


@pytest.fixture
def fake(monkeypatch) -> FakeStage:
    """The stage that the commands open, whatever it is called."""
    fake = FakeStage()
    for module in COMMANDS:
        monkeypatch.setattr(module, "open_stage", lambda _: fake.stage)
    return fake


@pytest.fixture
def claim(fake):
    """Put a run into the ledger."""

    def put(
        run_id: str, *, project: str = "flights", at: str = "2026-11-21T12:00:00.000Z", **facts: Any
    ) -> None:
        record = RunRecord(
            run_id=run_id, project=project, trigger="upload", event_id=run_id, requested_at=at, **facts
        )
        assert fake.ledger.claim_run(record).ours

    return put
