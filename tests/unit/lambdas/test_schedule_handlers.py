"""Handlers of the schedules slice: an event of the bus goes in, what was done comes out."""

import json
from pathlib import Path

import pytest

from lambdas.runtime import environment
from lambdas.schedules import resume_schedule, sync_schedules
from sluiceway.projects.sluice_yaml import validate
from sluiceway.schedules.sync_schedules import Syncing
from sluiceway.training.run_finished import run_finished
from tests.fakes.events import MemoryEvents
from tests.fakes.lambda_context import CONTEXT
from tests.fakes.ledger import memory_ledger
from tests.fakes.samples import SLUICE_YAML, code_pointer, run_record
from tests.fakes.schedules import MemorySchedules

EVENTS = Path(__file__).parents[2] / "events"


def test_a_push_makes_the_schedules_of_its_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest code is read, whatever the event says."""
    event = json.loads((EVENTS / "code_pushed.json").read_text())
    project = event["detail"]["project"]
    text = SLUICE_YAML.replace("project: flight-delay", f"project: {project}")
    config = validate(f"{text}schedule: {{name: nightly, cron: 0 3 * * *}}\n")
    syncing = Syncing(ledger=memory_ledger(), schedules=MemorySchedules())
    stored = config.model_dump_json(exclude_defaults=True)
    syncing.ledger.move_code_pointer(code_pointer(project=project, config=stored))
    monkeypatch.setattr(sync_schedules, "_syncing", lambda: syncing)
    assert sync_schedules.handler(event, CONTEXT)["made"] == ["nightly"]


def test_a_project_that_is_retired_has_its_schedules_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The detail type says what the event is."""
    pushed, retired = (
        json.loads((EVENTS / f"{name}.json").read_text()) for name in ("code_pushed", "project_retired")
    )
    config = validate(f"{SLUICE_YAML}schedule: {{name: nightly, cron: 0 3 * * *}}\n")
    syncing = Syncing(ledger=memory_ledger(), schedules=MemorySchedules())
    latest = code_pointer(project="flight-delay", config=config.model_dump_json(exclude_defaults=True))
    syncing.ledger.move_code_pointer(latest)
    monkeypatch.setattr(sync_schedules, "_syncing", lambda: syncing)
    sync_schedules.handler(pushed, CONTEXT)
    gone = latest.model_copy(update={"retired": retired["detail"]["reason"], "order": "1+"})
    syncing.ledger.retire_code(gone, latest)
    assert sync_schedules.handler(retired, CONTEXT)["removed"] == ["nightly"]


def test_the_end_of_a_run_of_no_schedule_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every end is told; only those of schedules may let a moment go on."""
    ledger, run = memory_ledger(), run_record(status="SUCCEEDED")
    ledger.claim_run(run)
    monkeypatch.setattr(resume_schedule, "ledger", lambda _: ledger)
    monkeypatch.setattr(resume_schedule, "events", lambda _: MemoryEvents())
    for name, value in {"STAGE": "dev", "LEDGER_TABLE": "ledger", "EVENT_BUS": "bus"}.items():
        monkeypatch.setenv(name, value)
    environment.cache_clear()
    told = {"detail": run_finished(run).model_dump(mode="json")}
    assert resume_schedule.handler(told, CONTEXT) == {"run_id": run.run_id, "event_id": None}
    environment.cache_clear()
