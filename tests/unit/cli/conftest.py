"""A stage in memory behind every command."""

import importlib
import pkgutil
from typing import Any

import pytest

from sluiceway import cli
from sluiceway.gateways.records import RunRecord
from tests.fakes.stage import FakeStage

COMMANDS = [
    module
    for found in pkgutil.iter_modules(cli.__path__)
    if not found.name.startswith(("local", "stage"))
    and hasattr(module := importlib.import_module(f"sluiceway.cli.{found.name}"), "open_stage")
]


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
