"""Schedules of projects on the deployed template: pushes make them, moments start runs, overlaps end."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sluiceway.gateways.ledger import EventRecord, RunRecord
from sluiceway.gateways.schedules import schedule_key
from tests.embedded.conftest import wait_for
from tests.embedded.stage import PROBE, Stage, points, probe_archive

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

PATIENCE = 400
"""seconds: the first of the runs builds an image, beside everything else that a machine may do"""
AT_ONCE = "raise SystemExit('a run that ends at once')\n"


def _push(stage: Stage, project: str, schedule: str, prepare: str | None = None) -> None:
    """The probe under another name, with a schedule, and nothing to deploy."""
    text = (PROBE / "sluice.yaml").read_text().replace("project: probe", f"project: {project}")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("deploy:"))
    files = {"sluice.yaml": f"{text}\ndeploy: null\nschedule: {schedule}\n"}
    changes = files if prepare is None else {**files, "prepare.py": prepare}
    stage.put("data/points/first.csv", points(500))  # the same for all: one version
    stage.put(f"code/{project}/push.zip", probe_archive(changes))


def _until(path: Path) -> str:
    """A step that goes on until there is a file: jobs of the laptop cloud are processes of this machine."""
    waiting = f"while not pathlib.Path({str(path)!r}).exists():\n    time.sleep(0.1)\n"
    return f"import pathlib\nimport time\n\n{waiting}{AT_ONCE}"


def _soon(seconds: int = 8) -> str:
    return f"at: {datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def _fired(stage: Stage, project: str, number: int = 1) -> list[EventRecord]:
    """Decisions on moments, the oldest first, once there are so many."""

    def found() -> list[EventRecord]:
        records = [each for each in stage.ledger.events(limit=None) if each.event == "ScheduleFired"]
        return sorted(
            (each for each in records if each.project == project), key=lambda each: each.recorded_at
        )

    wait_for(lambda: len(found()) >= number, seconds=PATIENCE)
    return found()


def _run(stage: Stage, run_id: str | None, *statuses: str) -> RunRecord:
    wait_for(lambda: stage.ledger.run(run_id or "").status in statuses, seconds=PATIENCE)
    return stage.ledger.run(run_id or "")


ENDED = ("SUCCEEDED", "REJECTED", "FAILED")


def test_a_due_schedule_ends_with_the_runs_record_in_the_ledger(stage: Stage) -> None:
    """From a push to a moment to a trained model; the schedule is gone when it has fired."""
    _push(stage, "timed", f"{{name: once, {_soon()}, always: true}}")
    (record,) = _fired(stage, "timed")
    assert record.outcome == "requested"
    run = _run(stage, record.run_id, *ENDED)
    assert (run.status, run.trigger, run.schedule) == ("SUCCEEDED", "schedule", "once")
    assert record.event_id.startswith("timed.once.")
    client, group = stage.cloud.client("scheduler"), stage.settings["schedule_group"]
    wait_for(lambda: not client.list_schedules(GroupName=group, NamePrefix="timed.")["Schedules"])


def test_a_push_makes_changes_and_removes_schedules(stage: Stage) -> None:
    """As the latest code says; what somebody made by hand in the group stays."""
    client, group = stage.cloud.client("scheduler"), stage.settings["schedule_group"]
    key = schedule_key("kept", "run", "nightly")

    def expressions() -> dict[str, str]:
        found = client.list_schedules(GroupName=group, NamePrefix="kept.")["Schedules"]
        return {name: expression(name) for name in (schedule["Name"] for schedule in found)}

    def expression(name: str) -> str:
        try:
            return str(client.get_schedule(GroupName=group, Name=name)["ScheduleExpression"])
        except client.exceptions.ResourceNotFoundException:
            return "removed since it was listed"

    def becomes(wanted: dict[str, str]) -> None:
        wait_for(
            lambda: {**expressions(), "kept.by-hand": ""} == {**wanted, "kept.by-hand": ""}, seconds=PATIENCE
        )

    _push(stage, "kept", "{name: nightly, cron: 0 3 * * 1, timezone: Europe/Berlin}", AT_ONCE)
    becomes({key: "cron(0 3 ? * MON *)"})
    made = stage.client("scheduler").get_schedule(GroupName=group, Name=key)
    assert (made["ScheduleExpressionTimezone"], made["State"]) == ("Europe/Berlin", "ENABLED")
    by_hand = {name: made[name] for name in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
    client.create_schedule(GroupName=group, Name="kept.by-hand", State="DISABLED", **by_hand)
    _push(stage, "kept", "[{name: nightly, rate: 2 days}, {name: hourly, interval: 1h}]", AT_ONCE)
    becomes({key: "rate(2 days)", schedule_key("kept", "run", "hourly"): "rate(1 hour)"})
    _push(stage, "kept", "[]", AT_ONCE)
    becomes({})
    assert "kept.by-hand" in expressions()


OVERLAPS = ("skip", "queue", "cancel")
Overlapped = Mapping[str, tuple[RunRecord, EventRecord]]


@pytest.fixture(scope="module")
def overlapped(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Overlapped:
    """Of each policy the run that went on, and the moment that came: all at once, each takes a minute."""
    may_end = tmp_path_factory.mktemp("overlapped") / "may-end"

    def push(overlap: str, *, seconds: int) -> None:
        schedule = f"{{name: often, {_soon(seconds)}, always: true, overlap: {overlap}}}"
        _push(stage, f"busy-{overlap}", schedule, _until(may_end))

    for overlap in OVERLAPS:
        push(overlap, seconds=8)
    firsts = {overlap: _fired(stage, f"busy-{overlap}")[0] for overlap in OVERLAPS}
    going = {overlap: _run(stage, first.run_id, "RUNNING") for overlap, first in firsts.items()}
    for overlap in OVERLAPS:
        push(overlap, seconds=2)
    seconds = {overlap: _fired(stage, f"busy-{overlap}", 2)[1] for overlap in OVERLAPS}
    may_end.touch()
    return {overlap: (going[overlap], seconds[overlap]) for overlap in OVERLAPS}


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_a_moment_that_comes_while_a_run_goes_on(stage: Stage, overlapped: Overlapped, overlap: str) -> None:
    """Two moments of one schedule: the second comes while the run of the first goes on, until it may end."""
    {"skip": _skipped, "queue": _queued, "cancel": _cancelled}[overlap](stage, *overlapped[overlap])


def _skipped(stage: Stage, going: RunRecord, second: EventRecord) -> None:
    assert (second.outcome, second.run_id) == ("skipped", going.run_id)
    assert "a run that ends at once" in _run(stage, going.run_id, *ENDED).reason


def _queued(stage: Stage, going: RunRecord, second: EventRecord) -> None:
    assert (second.outcome, second.run_id) == ("queued", going.run_id)
    third = _fired(stage, going.project, 3)[2]
    assert third.outcome == "requested"
    assert ".after." in third.event_id
    first_end, begun = stage.ledger.run(going.run_id).finished_at, stage.ledger.run(third.run_id or "")
    assert first_end is not None
    assert first_end <= begun.requested_at


def _cancelled(stage: Stage, going: RunRecord, second: EventRecord) -> None:
    assert second.outcome == "requested"
    cancelled = stage.ledger.run(going.run_id)
    assert cancelled.status == "FAILED"
    assert "cancelled by the schedule often" in cancelled.reason
    states = stage.cloud.client("stepfunctions")
    assert states.describe_execution(executionArn=cancelled.execution_arn)["status"] == "ABORTED"
    assert _run(stage, second.run_id, *ENDED).run_id != going.run_id
