"""What is written on GitHub, by HTTP, on a local server that plays GitHub."""

from collections.abc import Iterator

import pytest

from sluiceway.errors import NotFound, ServiceUnavailable
from sluiceway.gateways.github_reports import GitHubReports
from sluiceway.gateways.github_rest import GitHubRefused, GitHubRest, RateLimited, Token
from sluiceway.github.check_run import Annotation, CheckRun
from sluiceway.github.report_status import CommitStatus
from tests.fakes.github import LOST_ANSWER, SECONDARY_LIMIT, TOKEN, UNAVAILABLE, FakeGitHub, fake_github
from tests.fakes.github_routes import Reply

REPOSITORY, SHA = "octo-org/models", "a" * 40
STATUS = CommitStatus("sluiceway/rain", "pending", "Being tried")


def check(**changes: object) -> CheckRun:
    given = {"name": "sluiceway/rain", "sha": SHA, "status": "in_progress", "conclusion": None}
    return CheckRun(**{**given, "title": "Being tried", "summary": "Nothing is known yet.", **changes})


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as running:
        yield running


@pytest.fixture
def reports(server: FakeGitHub) -> GitHubReports:
    return GitHubReports(GitHubRest(server.url, Token(TOKEN)))


def test_the_newest_status_of_a_context_counts(server: FakeGitHub, reports: GitHubReports) -> None:
    """Whatever its case, and whatever other contexts say."""
    assert reports.newest_status(REPOSITORY, SHA, STATUS.context) is None
    reports.add_status(REPOSITORY, SHA, STATUS)
    reports.add_status(REPOSITORY, SHA, CommitStatus("SLUICEWAY/rain", "success", "Passed"))
    for number in range(120):
        reports.add_status(REPOSITORY, SHA, CommitStatus(f"other/{number}", "error", ""))
    found = reports.newest_status(REPOSITORY, SHA, STATUS.context)
    assert found is not None
    assert (found.state, found.description) == ("success", "Passed")


def test_a_check_run_is_found_by_its_nonce_among_others_of_its_name(
    server: FakeGitHub, reports: GitHubReports
) -> None:
    """Another stage, or another App, may have one of the same name."""
    reports.make_check_run(REPOSITORY, check(), "theirs")
    ours = reports.make_check_run(REPOSITORY, check(), "ours")
    assert reports.find_check_run(REPOSITORY, check(), "ours") == ours
    assert reports.find_check_run(REPOSITORY, check(), "nobody's") is None


def test_a_check_run_is_written_only_where_it_says_something_else(
    server: FakeGitHub, reports: GitHubReports
) -> None:
    """From in progress to its conclusion, once."""
    made = reports.make_check_run(REPOSITORY, check(started_at="2026-11-21T12:00:00Z"), "n")
    done = check(
        status="completed", conclusion="success", title="Passed", completed_at="2026-11-21T12:05:00Z"
    )
    for _ in range(2):
        reports.mend_check_run(REPOSITORY, made, done)
    (run,) = server.board.checks(REPOSITORY, SHA)
    assert (run["status"], run["conclusion"], run["output"]["title"]) == ("completed", "success", "Passed")
    assert len(server.paths("PATCH")) == 1


def test_annotations_are_sent_once_and_the_rest_after_a_lost_answer(
    server: FakeGitHub, reports: GitHubReports
) -> None:
    """GitHub adds what is sent to what is there."""
    problems = tuple(Annotation("sluice.yaml", line, "wrong") for line in (3, 5))
    made = reports.make_check_run(REPOSITORY, check(annotations=problems[:1]), "n")
    server.nth_change = {2: LOST_ANSWER}
    wanted = check(status="completed", conclusion="failure", annotations=problems)
    reports.mend_check_run(REPOSITORY, made, wanted)
    reports.mend_check_run(REPOSITORY, made, wanted)
    (run,) = server.board.checks(REPOSITORY, SHA)
    assert {each["start_line"] for each in run["output"]["annotations"]} == {3, 5}


def test_a_comment_is_found_by_its_first_line_and_written_only_where_it_differs(
    server: FakeGitHub, reports: GitHubReports
) -> None:
    """On whatever page of the list; ends of lines are GitHub's affair."""
    for number in range(150):
        server.board.add_comment(REPOSITORY, 7, f"talk {number}\n<!-- marker -->")
    made = reports.make_comment(REPOSITORY, 7, "<!-- marker -->\n\ntext")
    assert reports.find_comment(REPOSITORY, 7, "<!-- marker -->") == made
    server.board.comment(REPOSITORY, made)["body"] = "<!-- marker -->\r\n\r\ntext\r\n"
    reports.mend_comment(REPOSITORY, made, "<!-- marker -->\n\ntext")
    assert len(server.paths("PATCH")) == 0
    reports.mend_comment(REPOSITORY, made, "<!-- marker -->\n\nmore")
    assert server.board.bodies(REPOSITORY, 7)[-1].endswith("more")


def test_making_is_never_repeated_by_itself(server: FakeGitHub, reports: GitHubReports) -> None:
    """The request was done and its answer lost: another one would make another comment."""
    server.faults = [("/issues/7/comments", LOST_ANSWER)]
    with pytest.raises(ServiceUnavailable):
        reports.make_comment(REPOSITORY, 7, "text")
    assert len(server.board.bodies(REPOSITORY, 7)) == 1


@pytest.mark.parametrize(
    ("reply", "error"), [(SECONDARY_LIMIT, RateLimited), (UNAVAILABLE, ServiceUnavailable)]
)
def test_limits_and_outages_are_tried_again_later(
    server: FakeGitHub, reports: GitHubReports, reply: Reply, error: type[Exception]
) -> None:
    """Nothing was made."""
    server.faults = [("/check-runs", reply)] * 5
    with pytest.raises(error):
        reports.make_check_run(REPOSITORY, check(), "n")
    assert server.board.checks(REPOSITORY, SHA) == []


def test_what_is_gone_is_gone_for_good(server: FakeGitHub, reports: GitHubReports) -> None:
    """A vanished commit, a deleted comment, a locked conversation."""
    with pytest.raises(GitHubRefused, match="No commit found"):
        reports.add_status(REPOSITORY, "0" * 40, STATUS)
    with pytest.raises(GitHubRefused, match="No commit found"):
        reports.make_check_run(REPOSITORY, check(sha="0" * 40), "n")
    with pytest.raises(NotFound):
        reports.mend_comment(REPOSITORY, 5, "text")
    with pytest.raises(GitHubRefused, match="locked"):
        reports.make_comment(REPOSITORY, 423, "text")
