"""Check runs and commit statuses."""

import pytest

from sluiceway.github.check_run import LONGEST_TITLE, Annotation, check_run
from sluiceway.github.contracts import ProblemFound
from sluiceway.github.report import ProjectReport
from sluiceway.github.report_status import commit_status, deployment_status
from tests.unit.github.reports.samples import (
    HOSTILE,
    RUN,
    SHA,
    deployment,
    failed,
    forked,
    invalid,
    report,
    run,
    running,
)

REJECTED = report(progress="rejected", gate="rejected: roc_auc 0.5 misses at least 0.6")
WAITING = ProjectReport(project="rain", sha=SHA, progress="waiting", reason="no version yet of flights")
LIVE = report(run=run(preview=False, deployed=True, model_version="4"))

CASES = [
    (
        report(),
        "completed",
        "success",
        "success",
        "Passed the gate: roc_auc 0.8123 meets at least 0.6; roc_auc",
    ),
    (REJECTED, "completed", "failure", "failure", "Did not pass the gate: roc_auc 0.5 misses at least 0.6"),
    (failed(), "completed", "failure", "error", "Failed: step train: exit code 1 Traceback"),
    (invalid(), "completed", "failure", "failure", "2 problems: models/rain/sluice.yaml:1: steps.train"),
    (forked(), "completed", "neutral", "success", "Valid, not tried: a fork (somebody/models)"),
    (running(), "in_progress", None, "pending", "Being tried"),
    (WAITING, "in_progress", None, "pending", "Waiting: no version yet of flights"),
    (LIVE, "completed", "success", "success", "Version 4 is live: roc_auc 0.8123"),
]


@pytest.mark.parametrize(("given", "status", "conclusion", "state", "title"), CASES)
def test_how_far_a_project_is_becomes_what_github_knows(
    given: ProjectReport, status: str, conclusion: str | None, state: str, title: str
) -> None:
    """Only what is done has a conclusion; what could not be judged is an error, not a failure."""
    check, shown = check_run(given), commit_status(given)
    assert (check.name, check.status, check.conclusion) == (f"sluiceway/{given.project}", status, conclusion)
    assert (shown.context, shown.state) == (check.name, state)
    assert check.title.startswith(title)
    assert shown.description.startswith(title[:60])


def test_times_are_told_to_the_second_and_only_when_they_are_over() -> None:
    """As GitHub writes them."""
    assert check_run(report()).started_at == "2026-11-21T12:00:00Z"
    assert check_run(report()).completed_at == "2026-11-21T12:06:30Z"
    assert check_run(running()).completed_at is None


def test_problems_stand_at_their_lines() -> None:
    """At most fifty, which GitHub takes at once; a problem of a file as a whole stands at its first line."""
    assert len(check_run(invalid(60)).annotations) == 50
    whole = ProblemFound(path="models/rain/MLproject", message="it is missing")
    assert check_run(invalid(problems=(whole,))).annotations == (
        Annotation("models/rain/MLproject", 1, "it is missing"),
    )


def test_descriptions_are_one_short_line_that_names_the_run() -> None:
    """GitHub takes 140 characters; no control characters, no secrets."""
    long = commit_status(report(progress="failed", reason=HOSTILE * 20)).description
    assert len(long) == LONGEST_TITLE
    assert long.endswith(f"… [{RUN}]")
    assert long.isprintable()
    assert "ghp_" not in commit_status(report(progress="failed", reason=HOSTILE[-60:])).description


def test_a_summary_is_never_longer_than_github_takes() -> None:
    """65,535 characters; escaped, hostile text is several times as long."""
    problem = ProblemFound(path="&" * 1000, line=1, message="&" * 2000)
    whole = invalid(problems=(problem,) * 50, reason="&\n" * 4000)
    summary = check_run(whole).summary
    assert len(summary) <= 65_535
    assert "more than GitHub shows" in summary
    assert "A merge would deploy" in summary


def test_descriptions_hold_no_emoji() -> None:
    """GitHub answers 422: "description doesn't accept 4-byte Unicode"."""
    given = report(
        progress="failed", reason="step train: \U0001f680 went up", deployment=deployment(reason="\U0001f680")
    )
    shown = deployment_status(given)
    assert shown is not None
    for text in (commit_status(given).description, shown.description):
        assert "\ufffd" in text
        assert max(text) <= "\uffff"


def test_a_deployment_has_a_status_of_its_own() -> None:
    """It may come long after its run; before there is one, nothing is told."""
    assert deployment_status(report()) is None
    told = deployment_status(report(deployment=deployment(status="FAILED", reason="it did not answer")))
    assert told is not None
    assert (told.context, told.state) == ("sluiceway/flight-delay/deployment", "failure")
    assert "version 4 of flight-delay did not come up behind" in told.description
