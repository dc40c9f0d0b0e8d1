"""Pull requests: what they change is validated and tried; what comes from a fork is only read."""

from typing import Any

import pytest

from sluiceway.github.contracts import ProjectChecked, PullRequestChecked
from sluiceway.triggers.contracts import CodePushed, RunAsked
from tests.fakes.github_world import GitHubWorld, in_folder, payload
from tests.fakes.samples import project_files

OTHER = {**project_files(), "sluice.yaml": project_files()["sluice.yaml"].replace(b"flight-delay", b"other")}


def proposed(**changes: str | None) -> dict[str, bytes]:
    """`flight-delay` below `a`, changed; `other` below `b`."""
    return {**in_folder("a", project_files(**changes)), **in_folder("b", OTHER)}


def opened(world: GitHubWorld, action: str = "opened") -> Any:
    """Tell that something happened to pull request 2."""
    return world.deliver("pull_request", payload("pull_request_opened", action=action))


def test_a_pull_request_asks_for_a_preview_of_what_it_changes(world: GitHubWorld) -> None:
    """Of its head, with its commit; the project's latest code stays what it is."""
    world.push(proposed())
    before = world.ledger.code_pointer("flight-delay")
    sha = world.repository.propose(proposed(train_py="print('better')\n"), changed=["a/train.py"])
    assert opened(world).outcome == "accepted"
    (asked,) = world.published(RunAsked)
    assert (asked.project, asked.preview, asked.trigger) == ("flight-delay", True, "webhook")
    assert asked.commit is not None
    assert (asked.commit.sha, asked.commit.pull_request, asked.commit.ref) == (sha, 2, "refs/heads/changes")
    assert asked.code_version is not None
    kept = world.ledger.code("flight-delay", asked.code_version)
    assert kept is not None
    assert kept.commit == asked.commit
    assert world.ledger.code_pointer("flight-delay") == before


def test_what_was_found_out_is_told_project_by_project(world: GitHubWorld) -> None:
    """For the check run and the comment: outcome, folder, configuration, and the wish that was made."""
    world.repository.propose(proposed(), changed=["a/train.py", "README.md"])
    opened(world)
    (checked,) = world.published(ProjectChecked)
    (done,) = world.published(PullRequestChecked)
    (asked,) = world.published(RunAsked)
    assert (checked.outcome, checked.folder, checked.asked) == ("asked", "a", asked.event_id)
    assert checked.config["project"] == "flight-delay"
    assert checked.order == "2026-11-21T12:00:00.000Z"
    assert done.projects == ("flight-delay",)


def test_each_head_is_checked_once(world: GitHubWorld) -> None:
    """However often and in whichever order GitHub tells of it."""
    world.repository.propose(project_files(), changed=["train.py"])
    for action in ("opened", "synchronize", "reopened", "synchronize"):
        opened(world, action)
    assert len(world.published(RunAsked)) == 1
    world.repository.propose(project_files(train_py="print(2)\n"), changed=["train.py"])
    opened(world, "synchronize")
    assert len(world.published(RunAsked)) == 2


def test_a_pull_request_that_is_moved_to_a_connected_branch_is_checked(world: GitHubWorld) -> None:
    """GitHub tells that as `edited`, and nothing else."""
    other = {"sha": "0" * 40, "ref": "other", "repo": None}
    world.repository.propose(project_files(), changed=["train.py"], base=other)
    assert opened(world).outcome == "ignored"
    world.repository.pulls[2]["base"] = {**other, "ref": "main"}
    body = payload("pull_request_opened", action="edited", changes={"base": {"ref": {"from": "other"}}})
    assert world.deliver("pull_request", body).outcome == "accepted"
    assert len(world.published(RunAsked)) == 1


def test_a_fork_is_validated_and_planned_but_never_built(world: GitHubWorld) -> None:
    """Nothing of it is kept, and nothing is asked for."""
    world.repository.propose(project_files(), changed=["train.py"], head="stranger/models")
    opened(world)
    (checked,) = world.published(ProjectChecked)
    assert (checked.outcome, checked.asked) == ("planned", None)
    assert "stranger/models" in checked.reason
    assert world.published(RunAsked) == []
    assert world.objects.versions == {}


@pytest.mark.parametrize("head", ["octo-org/models-x", "octo-org2/models", "x/octo-org/models", None])
def test_what_only_looks_like_the_repository_is_a_fork(world: GitHubWorld, head: str | None) -> None:
    """Also one that is gone, and one whose name begins or ends alike."""
    world.repository.propose(project_files(), changed=["train.py"], head=head)
    opened(world)
    assert [checked.outcome for checked in world.published(ProjectChecked)] == ["planned"]


def test_a_fork_that_the_owner_has_named_is_run(world: GitHubWorld) -> None:
    """By its exact name, also when it was checked as a stranger's before."""
    world.repository.propose(project_files(), changed=["train.py"], head="Friend/Models")
    opened(world)
    world.settings = world.settings.model_copy(update={"allowed_forks": ("friend/models",)})
    opened(world)
    assert len(world.published(RunAsked)) == 1


def test_a_draft_is_only_validated_until_it_is_ready(world: GitHubWorld) -> None:
    """A preview costs money; whoever drafts asks for none."""
    world.repository.propose(project_files(), changed=["train.py"], draft=True)
    opened(world)
    assert world.published(RunAsked) == []
    world.repository.pulls[2]["draft"] = False
    opened(world, "ready_for_review")
    assert len(world.published(RunAsked)) == 1


def test_an_invalid_project_is_told_with_place_and_reason(world: GitHubWorld) -> None:
    """Paths are from the repository's top: GitHub shows them beside the line."""
    world.repository.propose(
        proposed(sluice_yaml="project: flight-delay\nstepz: {}\n"), changed=["a/sluice.yaml"]
    )
    opened(world)
    (checked,) = world.published(ProjectChecked)
    assert checked.outcome == "invalid"
    assert {problem.path for problem in checked.problems} == {"a/sluice.yaml"}
    assert any(problem.line for problem in checked.problems)
    assert world.published(RunAsked) == []


def test_a_pull_request_without_a_project_is_told_too(world: GitHubWorld) -> None:
    """A comment of an earlier head may have to be changed."""
    world.repository.propose(proposed(), changed=["README.md"])
    assert opened(world).outcome == "ignored"
    assert [done.projects for done in world.published(PullRequestChecked)] == [()]


def test_code_that_is_the_latest_already_is_not_tried(world: GitHubWorld) -> None:
    """The run of the branch is its result."""
    world.push(project_files())
    world.repository.propose({**project_files(), ".git/x": b"1"}, changed=[".git/x"])
    opened(world)
    assert world.published(ProjectChecked)[-1].outcome == "planned"
    assert world.published(RunAsked) == []


@pytest.mark.parametrize(
    "more", [{"state": "closed"}, {"base": {"sha": "0" * 40, "ref": "other", "repo": None}}]
)
def test_closed_ones_and_those_for_other_branches_are_ignored(
    world: GitHubWorld, more: dict[str, Any]
) -> None:
    """By what they are now, not by what was told."""
    world.repository.propose(project_files(), changed=["train.py"], **more)
    assert opened(world).outcome == "ignored"
    assert world.events.published == []


@pytest.mark.parametrize("action", ["closed", "labeled", "converted_to_draft", "assigned"])
def test_other_actions_are_ignored_unasked(world: GitHubWorld, action: str) -> None:
    """GitHub is not even called."""
    assert opened(world, action).outcome == "ignored"
    assert world.server.requests == []


def test_a_pull_request_that_is_gone_is_refused(world: GitHubWorld) -> None:
    """It is recorded, and not tried again."""
    assert opened(world).outcome == "refused"


def test_an_archive_that_cannot_be_used_is_refused_with_the_reason(world: GitHubWorld) -> None:
    """It comes from somebody's repository: it may be anything."""
    sha = world.repository.propose(project_files(), changed=["train.py"])
    world.repository.archives[sha] = b"PK\x05\x06 nonsense"
    opened(world)
    (record,) = [each for each in world.ledger.events() if each.event == "PullRequestMoved"]
    assert record.outcome == "refused"
    assert world.published(CodePushed) == []
