"""Commands in comments: followed for people who may push, recorded as refused for everybody else."""

from typing import Any

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.contracts import DeploymentAsked, RunAsked
from tests.fakes.github_world import GitHubWorld, in_folder, payload
from tests.fakes.samples import VERSION, project_files

RUN = "flight-delay-0123456789ab"


@pytest.fixture(autouse=True)
def _people(world: GitHubWorld) -> None:
    world.repository.permissions |= {
        "Codertocat": "write",
        "boss": "admin",
        "reader": "read",
        "nobody": "none",
    }


def comment(
    world: GitHubWorld, line: str, *, by: str = "Codertocat", on: str = "an_issue", number: int = 1
) -> EventRecord:
    """Deliver a comment; returns what was recorded of the command."""
    body: dict[str, Any] = payload(f"comment_on_{on}")
    body["comment"] = {"id": number, "body": f"{line}\r\n\r\nThanks!", "user": {"login": by}}
    world.deliver("issue_comment", body)
    return next(each for each in world.ledger.events() if each.event == "CommandWritten")


def test_a_comment_asks_for_a_run(world: GitHubWorld) -> None:
    """With everything that `sluice run` can be given."""
    options = f"--param depth=4 --param 'note=a b' --dataset flights@{VERSION} --step train --force"
    assert comment(world, f"/sluice run flight-delay {options}").outcome == "requested"
    (asked,) = world.published(RunAsked)
    assert (asked.project, asked.steps, asked.force, asked.preview) == (
        "flight-delay",
        ("train",),
        True,
        False,
    )
    assert asked.parameters == {"depth": "4", "note": "a b"}
    assert asked.dataset_versions == {"flights": VERSION}
    assert asked.asked_by == "Codertocat on octo-org/models#2"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("/sluice deploy flight-delay 7", {"project": "flight-delay", "model_version": "7"}),
        (f"/sluice approve {RUN}", {"project": "flight-delay", "run_id": RUN}),
        ("/sluice rollback flight-delay", {"project": "flight-delay", "rollback": True}),
    ],
)
def test_comments_ask_for_deployments(world: GitHubWorld, line: str, wanted: dict[str, Any]) -> None:
    """Of a version, of a run, or of what was before."""
    assert comment(world, line).outcome == "requested"
    (asked,) = world.published(DeploymentAsked)
    assert wanted.items() <= asked.model_dump().items()
    assert asked.trigger == "webhook"


def test_on_a_pull_request_a_run_is_a_preview_of_its_head(world: GitHubWorld) -> None:
    """The project need not be named where only one is changed."""
    files = {**in_folder("a", project_files()), "README.md": b"x"}
    sha = world.repository.propose(files, changed=["a/train.py"])
    assert comment(world, "/sluice run --force", on="a_pull_request").outcome == "requested"
    (asked,) = world.published(RunAsked)
    assert asked.commit is not None
    assert (asked.preview, asked.force, asked.commit.sha, asked.commit.pull_request) == (True, True, sha, 2)


def test_a_fork_is_not_built_on_anybodys_word(world: GitHubWorld) -> None:
    """Only the owner's, by naming it."""
    world.repository.propose(project_files(), changed=["train.py"], head="stranger/models")
    record = comment(world, "/sluice run flight-delay", by="boss", on="a_pull_request")
    assert record.outcome == "refused"
    assert "stranger/models" in record.reason
    assert world.events.published == []


@pytest.mark.parametrize(
    "by", ["reader", "nobody", "stranger", "", "../boss", "boss/permission?x=", "b\noss"]
)
def test_only_people_who_may_push_may_command(world: GitHubWorld, by: str) -> None:
    """GitHub is asked each time; a name that tries to be a path is nobody's."""
    record = comment(world, "/sluice deploy flight-delay 7", by=by)
    assert record.outcome == "refused"
    assert world.events.published == []


@pytest.mark.parametrize(
    "line",
    [
        "/sluice",
        "/sluice destroy everything",
        "/sluice run",
        "/sluice run a b",
        "/sluice run Flight-Delay",
        "/sluice run ../../etc",
        "/sluice run flight-delay --param",
        "/sluice run flight-delay --param depth",
        "/sluice run flight-delay --image evil",
        "/sluice run flight-delay -uroot",
        "/sluice run flight-delay --dataset flights@latest",
        "/sluice run flight-delay --code $(id)",
        "/sluice run flight-delay 'unclosed",
        "/sluice run flight-delay " + "--param a=b " * 70,
        "/sluice deploy flight-delay",
        "/sluice deploy flight-delay latest",
        "/sluice deploy flight-delay 7; rm -rf /",
        "/sluice approve",
        "/sluice approve 7",
        "/sluice rollback",
        "/sluice rollback flight-delay now",
    ],
)
def test_a_command_that_cannot_be_followed_is_refused_with_how_it_is_written(
    world: GitHubWorld, line: str
) -> None:
    """And nothing of it takes effect."""
    record = comment(world, line)
    assert record.outcome == "refused"
    assert record.reason
    assert world.events.published == []


def test_a_comment_is_followed_once(world: GitHubWorld) -> None:
    """It is known by its own id, however often it is delivered."""
    comment(world, "/sluice rollback flight-delay", number=5)
    comment(world, "/sluice rollback flight-delay", number=5)
    comment(world, "/sluice rollback flight-delay", number=6)
    assert len(world.published(DeploymentAsked)) == 2


def test_a_wish_is_what_was_first_understood(world: GitHubWorld) -> None:
    """The bus did not answer, and the head moved on: perhaps the first wish is on its way."""
    sha = world.repository.propose(project_files(), changed=["train.py"])
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        comment(world, "/sluice run", on="a_pull_request", number=5)
    world.repository.propose(project_files(train_py="print(2)"), changed=["train.py"])
    comment(world, "/sluice run", on="a_pull_request", number=5)
    (asked,) = world.published(RunAsked)
    assert asked.commit is not None
    assert asked.commit.sha == sha


def test_a_repository_does_not_command_projects_of_another_one(world: GitHubWorld) -> None:
    """Whoever may push here may not thereby deploy there."""
    world.push()
    latest = world.ledger.code_pointer("flight-delay")
    assert latest is not None
    assert latest.commit is not None
    foreign = latest.commit.model_copy(update={"repository": "octo-org/b"})
    world.ledger.replace_code_pointer(latest.model_copy(update={"commit": foreign, "event_id": "e"}), latest)
    connected = world.settings.repositories["octo-org/models"]
    world.settings = world.settings.model_copy(
        update={"repositories": {"octo-org/models": connected, "octo-org/b": connected}}
    )
    assert comment(world, "/sluice rollback flight-delay").outcome == "refused"
