"""What GitHub told and nobody heard is found, and happens as if it had been heard: once."""

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.github_rest import RateLimited
from sluiceway.triggers.contracts import CodePushed, DeploymentAsked, RunAsked
from tests.fakes.github import SECONDARY_LIMIT
from tests.fakes.github_world import GitHubWorld, payload
from tests.fakes.samples import project_files

HOOK = "/repos/octo-org/models/hooks/7/deliveries"


def test_a_push_that_was_missed_is_found(world: GitHubWorld) -> None:
    """The head of the branch is not what was taken in last."""
    world.repository.push(project_files())
    assert world.reconcile().missed == ("octo-org/models: push",)
    assert len(world.published(CodePushed)) == 1


def test_what_was_heard_is_not_found_again(world: GitHubWorld) -> None:
    """And what was found is not found twice."""
    world.push()
    world.repository.propose(project_files(train_py="print(2)\n"), changed=["train.py"])
    world.deliver("pull_request", payload("pull_request_opened"))
    for _ in range(3):
        assert world.reconcile().missed == ()
    assert (len(world.published(CodePushed)), len(world.published(RunAsked))) == (1, 1)


def test_a_push_that_is_heard_late_after_all_is_the_same_event(world: GitHubWorld) -> None:
    """Days later, by GitHub's button "Redeliver"."""
    sha = world.repository.push(project_files())
    world.reconcile()
    world.deliver("push", payload("push", after=sha))
    assert len(world.published(CodePushed)) == 1


def test_a_pull_request_that_was_missed_is_found(world: GitHubWorld) -> None:
    """Its head has not been checked."""
    world.push()
    world.repository.propose(project_files(train_py="print(2)\n"), changed=["train.py"])
    assert world.reconcile().missed == ("octo-org/models: pull_request",)
    assert len(world.published(RunAsked)) == 1


def test_pull_requests_that_are_none_of_our_business_are_not_found(world: GitHubWorld) -> None:
    """For other branches."""
    world.repository.propose(
        project_files(), changed=["x"], base={"sha": "0" * 40, "ref": "other", "repo": None}
    )
    assert world.reconcile().missed == ()


def failed_comment(world: GitHubWorld, *, guid: str, status_code: int = 502) -> None:
    """A command whose delivery failed, in GitHub's list."""
    world.repository.permissions["Codertocat"] = "admin"
    world.repository.delivered(
        "issue_comment", payload("comment_on_an_issue"), guid=guid, status_code=status_code
    )


def test_a_delivery_that_failed_is_fetched_and_followed(world: GitHubWorld) -> None:
    """What no branch shows, as a command, only the list of deliveries holds."""
    failed_comment(world, guid="failed-one")
    assert world.reconcile().missed == ("octo-org/models: comment",)
    assert world.reconcile().missed == ()
    assert len(world.published(DeploymentAsked)) == 1


def test_a_delivery_that_succeeded_in_a_later_attempt_is_not_fetched(world: GitHubWorld) -> None:
    """The attempts share their GUID."""
    failed_comment(world, guid="twice")
    failed_comment(world, guid="twice", status_code=202)
    world.reconcile()
    assert not [path for path in world.server.paths() if path.startswith(f"{HOOK}/")]


def test_the_list_is_read_to_its_end_by_its_cursor(world: GitHubWorld) -> None:
    """The server shows two at a time."""
    for number in range(5):
        failed_comment(world, guid=f"failed-{number}")
    assert len(world.reconcile().missed) == 5
    assert len(world.published(DeploymentAsked)) == 1


def test_deliveries_that_nothing_follows_from_are_recorded_and_not_fetched_again(world: GitHubWorld) -> None:
    """A comment that is no command, a payload that is not as documented."""
    world.repository.delivered("star", payload("star_created"), guid="star")
    talk = payload("comment_on_an_issue", comment={"id": 1, "body": "nice", "user": {"login": "x"}})
    world.repository.delivered("issue_comment", talk, guid="talk")
    world.repository.delivered("push", {"ref": 7}, guid="broken")
    world.reconcile()
    asked = len(world.server.paths())
    assert world.reconcile().missed == ()
    assert not [path for path in world.server.paths()[asked:] if path.startswith(f"{HOOK}/")]


def test_a_delivery_that_no_queue_takes_is_recorded(world: GitHubWorld) -> None:
    """Characters that are none: sent on, they would let each look fail for three days."""
    comment = {"id": 1, "body": "/sluice run rain --param a=\uffff", "user": {"login": "x"}}
    bad = payload("comment_on_an_issue", comment=comment)
    world.repository.delivered("issue_comment", bad, guid="unsendable", status_code=400)
    assert world.reconcile().missed == ()
    record = world.ledger.event("github.delivery.unsendable")
    assert record is not None
    assert record.outcome == "ignored"


def test_old_deliveries_are_left(world: GitHubWorld) -> None:
    """GitHub forgets them after three days, and so do we."""
    failed_comment(world, guid="old")
    world.repository.deliveries[0]["delivered_at"] = "2026-11-17T12:00:00Z"
    assert world.reconcile().missed == ()


def test_one_look_that_fails_stops_no_other(world: GitHubWorld) -> None:
    """Then the whole fails, so that somebody hears of it."""
    world.repository.push(project_files())
    world.repository.deliveries.clear()
    world.settings = world.settings.model_copy(
        update={
            "repositories": {
                "octo-org/gone": world.settings.repositories["octo-org/models"],
                **world.settings.repositories,
            }
        }
    )
    with pytest.raises(ServiceUnavailable, match="octo-org/gone"):
        world.reconcile()
    assert len(world.queue.sent) == 1


def test_a_rate_limit_ends_the_look(world: GitHubWorld) -> None:
    """Going on would prolong it."""
    world.server.faults = [("git/ref", SECONDARY_LIMIT)]
    with pytest.raises(RateLimited):
        world.reconcile()
    assert len(world.server.requests) == 1
