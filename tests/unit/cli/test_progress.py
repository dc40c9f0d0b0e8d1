"""Following a run."""

from io import StringIO

from rich.console import Console

from sluiceway.cli.progress import follow_run, take_snapshot
from sluiceway.cli.progress_view import show_progress
from tests.fakes.stage import history


def finish(fake, run_id: str, status: str = "SUCCEEDED", reason: str = "") -> None:
    fake.ledger.finish_run(run_id, status=status, reason=reason, owner="test", at="2026-11-21T12:00:09.000Z")


def test_a_snapshot_shows_nested_executions_below_the_state_that_runs_them(fake, claim):
    """build_image and deploy_model run under names that follow from the run."""
    claim("flights-1")
    fake.states.histories["flights-1"] = history(("TaskStateEntered", "BuildImage"))
    fake.states.histories["flights-1-image"] = history(("TaskStateEntered", "StartBuild"))
    states = take_snapshot(fake.stage, "flights-1").states
    assert [(state.name, state.depth) for state in states] == [("BuildImage", 0), ("StartBuild", 1)]


def test_a_snapshot_has_the_last_line_of_the_latest_job(fake, claim):
    """The job's own words are the best progress bar; lines that hold metrics are not for people."""
    claim("flights-1")
    fake.states.histories["flights-1"] = history(("MapStateEntered", "RunSteps"))
    fake.batch.add("flights-1-prepare", "SUCCEEDED")
    fake.batch.add("flights-1-train")
    fake.batch.add("flights-12-train")
    fake.logs.lines["stream-flights-1-train"] = ["one", "two", '{"_aws": {}}']
    job = take_snapshot(fake.stage, "flights-1").job
    assert (job.name, job.last_line) == ("train", "two")


def test_following_ends_with_the_run(fake, claim):
    """The last snapshot holds the end state."""
    claim("flights-1")
    snapshots = follow_run(fake.stage, "flights-1", poll_seconds=0)
    assert next(snapshots).run.status == "REQUESTED"
    finish(fake, "flights-1")
    assert [snapshot.run.status for snapshot in snapshots] == ["SUCCEEDED"]


def test_where_there_is_no_terminal_each_fact_is_one_line(fake, claim):
    """No spinners in a log file, and nothing twice."""
    claim("flights-1")
    fake.states.histories["flights-1"] = history(
        ("TaskStateEntered", "PlanRun"), ("TaskStateExited", "PlanRun")
    )
    first = take_snapshot(fake.stage, "flights-1")
    finish(fake, "flights-1", "FAILED", "train.py:3: no such column")
    out = StringIO()
    show_progress([first, first, take_snapshot(fake.stage, "flights-1")], Console(file=out, width=200))
    lines = [line.split(" ", 1)[1] for line in out.getvalue().splitlines()]
    assert lines == [
        "flights-1: requested by upload",
        "PlanRun …",
        "PlanRun ✓ 1.0 s",
        "FAILED after 9.0 s: train.py:3: no such column",
    ]


def test_on_a_terminal_the_picture_is_redrawn_to_its_end(fake, claim):
    """States with their marks and times, and at last how it ended."""
    claim("flights-1")
    fake.states.histories["flights-1"] = history(
        ("TaskStateEntered", "PlanRun"), ("TaskStateExited", "PlanRun")
    )
    finish(fake, "flights-1", reason="good")
    out = StringIO()
    last = show_progress(
        [take_snapshot(fake.stage, "flights-1")], Console(file=out, width=100, force_terminal=True)
    )
    assert last.run.status == "SUCCEEDED"
    assert "SUCCEEDED after 9.0 s: good" in out.getvalue()
