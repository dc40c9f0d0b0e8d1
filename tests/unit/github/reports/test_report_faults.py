"""A pull request told by HTTP, with a fault at each request that changes something: always the same end."""

import re
from typing import Any

import pytest

from sluiceway.errors import TransientError
from sluiceway.gateways.github_reports import GitHubReports
from sluiceway.gateways.github_rest import GitHubRest, Token
from tests.fakes.github import LOST_ANSWER, SECONDARY_LIMIT, TOKEN, UNAVAILABLE, FakeGitHub, fake_github
from tests.unit.github.reports.world import FIRST, REPOSITORY, SECOND, ReportWorld

FAULTS = {"lost answer": LOST_ANSWER, "outage": UNAVAILABLE, "rate limit": SECONDARY_LIMIT}
CHANGES = 7
"""Requests that change something in a clean run; a test holds the number."""


class Writer(Token):
    """A token that may write check runs, as an App's may."""

    writes_checks = True


def told(server: FakeGitHub) -> ReportWorld:
    """Two commits of a pull request, each tried; the first one's run ends last."""
    world = ReportWorld(github=GitHubReports(GitHubRest(server.url, Writer(TOKEN))))
    first, second = world.requested("p-1"), world.requested("p-2", at=world.checked(SECOND).commit)
    world.decided(FIRST, run_id="p-1")
    world.decided(SECOND, run_id="p-2")
    for happened in (
        world.checked,
        world.head,
        lambda: first,
        lambda: world.checked(SECOND, order="2"),
        lambda: world.head(SECOND, order="2"),
        lambda: second,
        lambda: world.finished("p-2"),
        lambda: world.finished("p-1", "REJECTED"),
    ):
        _deliver(world, happened())
    return world


def _deliver(world: ReportWorld, event: Any) -> None:
    """As the queue does: again, after a while, until it succeeds."""
    for _ in range(4):
        try:
            world.tell(event)
        except TransientError:
            world.wait(minutes=3)
        else:
            return
    raise AssertionError("it never succeeds")


def shown(server: FakeGitHub) -> dict[str, Any]:
    """What people see in the end, without the comment's nonce."""
    checks = {sha: server.board.checks(REPOSITORY, sha) for sha in (FIRST, SECOND)}
    return {
        "comments": [re.sub("report [0-9a-f]{32}", "", body) for body in server.board.bodies(REPOSITORY, 7)],
        "checks": {sha: [(run["conclusion"], run["output"]) for run in runs] for sha, runs in checks.items()},
    }


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    with fake_github() as server:
        told(server)
        assert len(server.changes) == CHANGES
        return shown(server)


def test_without_faults_there_is_one_of_everything(clean: dict[str, Any]) -> None:
    """One comment, about the newer commit; one check run a commit, each with its own end."""
    (comment,) = clean["comments"]
    assert SECOND in comment
    assert "passed the gate" in comment
    assert [[conclusion for conclusion, _ in runs] for runs in clean["checks"].values()] == [
        ["failure"],
        ["success"],
    ]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("nth", range(1, CHANGES + 1))
def test_a_fault_at_any_request_changes_nothing_in_the_end(
    clean: dict[str, Any], nth: int, fault: str
) -> None:
    """Done and not heard of, not done, or asked to wait."""
    with fake_github() as server:
        server.nth_change = {nth: FAULTS[fault]}
        told(server)
        assert server.nth_change == {}
        assert shown(server) == clean
