"""`sluice schedules`."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from sluiceway.cli.main import app
from sluiceway.gateways.ledger_schedules import FiredMoment
from sluiceway.gateways.schedules import schedule_key
from sluiceway.projects.sluice_yaml import validate
from tests.fakes.samples import SLUICE_YAML, code_pointer, event_record, project_files

PROJECT = "flight-delay"
SCHEDULES = """\
schedule:
  - {name: nightly, cron: 30 3 * * *, timezone: Europe/Berlin}
  - {name: beat, interval: 6h}
  - {name: once, at: 2026-01-01 12:00}
"""


class FakeScheduler:
    """Schedules of one group, by name."""

    class exceptions:  # noqa: N801 - as boto3 has it
        ResourceNotFoundException = type("ResourceNotFoundException", (Exception,), {})

    def __init__(self) -> None:
        self.schedules: dict[str, dict] = {}  # type: ignore[type-arg]

    def get_schedule(self, *, GroupName: str, Name: str):  # type: ignore[no-untyped-def]  # noqa: N803
        assert GroupName == "sluiceway-dev-projects"
        if Name not in self.schedules:
            raise self.exceptions.ResourceNotFoundException
        return self.schedules[Name]


@pytest.fixture
def scheduler(fake):
    """A project with three schedules, of which two are there, and one has fired."""
    config = validate(SLUICE_YAML + SCHEDULES).model_dump_json(exclude_defaults=True)
    fake.ledger.move_code_pointer(code_pointer(project=PROJECT, config=config))
    scheduler = FakeScheduler()
    fake.stage._clients["scheduler"] = scheduler
    start = datetime.now(UTC).replace(minute=5, second=0, microsecond=0) + timedelta(hours=1)
    scheduler.schedules = {
        schedule_key(PROJECT, "run", "nightly"): {"State": "ENABLED"},
        schedule_key(PROJECT, "run", "beat"): {"State": "ENABLED", "StartDate": start},
    }
    at = "2026-11-21T02:30:00Z"
    fired = FiredMoment(
        project=PROJECT,
        schedule="nightly",
        event_id="e",
        scheduled_at=at,
        decision_id="e.flight-delay",
        order=at,
    )
    fake.ledger.note_fired(fired)
    fake.ledger.record_event(
        event_record(event_id="e.flight-delay", outcome="skipped", reason="run p-1 goes on")
    )
    return scheduler


def _listed(*options: str) -> dict[str, dict]:  # type: ignore[type-arg]
    result = CliRunner().invoke(app, ["schedules", "--json", *options])
    assert result.exit_code == 0, result.output
    return {row["schedule"]: row for row in json.loads(result.stdout)}


def test_next_moments_are_told_in_the_zone_of_the_schedule(scheduler):
    """Three of them, by the project's own rules and the beat that Scheduler keeps."""
    rows = _listed()
    assert all(" 03:30 CE" in moment for moment in rows["nightly"]["next"])
    assert len(rows["nightly"]["next"]) == 3
    assert all(moment.endswith(":05 UTC") for moment in rows["beat"]["next"])
    assert (rows["nightly"]["expression"], rows["beat"]["expression"]) == (
        "cron(30 3 * * ? *)",
        "rate(6 hours)",
    )


def test_the_last_moment_and_what_came_of_it_are_told(scheduler):
    """From the ledger."""
    row = _listed("--project", PROJECT)["nightly"]
    assert (row["last"], row["outcome"], row["reason"]) == (
        "2026-11-21T02:30:00Z",
        "skipped",
        "run p-1 goes on",
    )
    assert "skipped" in CliRunner().invoke(app, ["schedules"]).stdout


def test_what_is_over_or_missing_is_told(scheduler):
    """An `at` that has passed is over; a schedule that Scheduler does not have is missing."""
    assert _listed()["once"]["state"] == "OVER"
    scheduler.schedules.clear()
    assert _listed()["nightly"]["state"] == "MISSING"


def test_schedules_of_a_retired_project_are_not_listed(scheduler, fake):
    """It has none any more."""
    latest = fake.ledger.code_pointer(PROJECT)
    fake.ledger.retire_code(latest.model_copy(update={"retired": "gone", "order": "1+"}), latest)
    assert _listed() == {}


def test_without_schedules_it_is_said_how_to_get_one(fake):
    """On the error stream."""
    result = CliRunner().invoke(app, ["schedules"])
    assert "schedule:" in result.output


def test_validate_tells_of_a_schedule_that_is_over(tmp_path):
    """It is no problem: the file may stay as it is."""
    for name, content in project_files(sluice_yaml=SLUICE_YAML + SCHEDULES).items():
        (tmp_path / name).write_bytes(content)
    result = CliRunner().invoke(app, ["validate", str(tmp_path)])
    assert result.exit_code == 0
    assert "schedule once: its last moment has passed (at)" in result.output
