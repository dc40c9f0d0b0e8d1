"""Releases and dispatches: what they hold is run as the commit has it."""

from typing import Any

import pytest

from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.contracts import RunAsked
from tests.fakes.github_world import GitHubWorld, in_folder, payload
from tests.fakes.samples import project_files

OTHER = {**project_files(), "sluice.yaml": project_files()["sluice.yaml"].replace(b"flight-delay", b"other")}
FILES = {**in_folder("a", project_files()), **in_folder("b", OTHER)}


def recorded(world: GitHubWorld, event: str) -> EventRecord:
    """The record of the only event of a kind."""
    (record,) = [each for each in world.ledger.events() if each.event == event]
    return record


@pytest.mark.parametrize("annotated", [False, True])
def test_a_release_runs_every_project_of_its_commit(world: GitHubWorld, annotated: bool) -> None:
    """The tag may be a plain one, or an object of its own; main's code is not touched."""
    sha = world.repository.commit(FILES)
    world.repository.annotated = {"ab" * 20: sha} if annotated else {}
    world.repository.tags["v0.0.1"] = "ab" * 20 if annotated else sha
    world.deliver("release", payload("release_published"))
    asked = world.published(RunAsked)
    assert {each.project for each in asked} == {"flight-delay", "other"}
    assert {each.commit.sha for each in asked if each.commit} == {sha}
    assert {each.preview for each in asked} == {False}
    assert world.ledger.code_pointer("other") is None


def test_one_project_that_is_wrong_does_not_stop_a_release(world: GitHubWorld) -> None:
    """The reason names it."""
    broken = {**FILES, "a/sluice.yaml": b"project: flight-delay\n"}
    world.repository.tags["v0.0.1"] = world.repository.commit(broken)
    world.deliver("release", payload("release_published"))
    assert [each.project for each in world.published(RunAsked)] == ["other"]
    assert "flight-delay is refused" in recorded(world, "ReleasePublished").reason


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
def test_other_things_that_happen_to_releases_are_ignored(world: GitHubWorld, action: str) -> None:
    """Only publishing one counts."""
    assert world.deliver("release", payload("release_published", action=action)).outcome == "ignored"


@pytest.mark.parametrize("tag", ["gone", "../heads/main", "-uroot", "v1\n", "v1 && id", "v1..v2"])
def test_a_tag_that_leads_nowhere_is_refused(world: GitHubWorld, tag: str) -> None:
    """Names that git would not take are not even asked for."""
    release = payload("release_published")["release"] | {"tag_name": tag}
    assert world.deliver("release", payload("release_published", release=release)).outcome == "refused"
    assert world.events.published == []


@pytest.mark.parametrize(("event", "force"), [("workflow_dispatch", False), ("repository_dispatch", True)])
def test_a_dispatch_runs_what_its_branch_holds(world: GitHubWorld, event: str, force: bool) -> None:
    """With the inputs that somebody filled in."""
    sha = world.repository.push(FILES)
    world.deliver(event, payload(event))
    (asked,) = world.published(RunAsked)
    assert (asked.project, asked.parameters, asked.force) == ("flight-delay", {"depth": "4"}, force)
    assert asked.commit is not None
    assert asked.commit.sha == sha
    assert asked.asked_by == "Codertocat on octo-org/models"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"workflow": ".github/workflows/tests.yml"}, "ignored"),
        ({"ref": "refs/heads/other"}, "refused"),
        ({"ref": "refs/tags/main"}, "refused"),
        ({"inputs": None}, "refused"),
        ({"inputs": {"project": "nobody"}}, "refused"),
        ({"inputs": {"project": "flight-delay", "parameters": "'"}}, "refused"),
        ({"inputs": {"project": "flight-delay", "step": "no such"}}, "requested"),
        ({"inputs": {"project": "flight-delay", "evil": "--force"}}, "requested"),
    ],
)
def test_a_dispatch_that_is_not_for_us_runs_nothing(
    world: GitHubWorld, changes: dict[str, Any], outcome: str
) -> None:
    """Or cannot be followed: with the reason."""
    world.repository.push(FILES)
    world.deliver("workflow_dispatch", payload("workflow_dispatch", **changes))
    assert recorded(world, "RunDispatched").outcome == outcome
    assert len(world.published(RunAsked)) == (outcome == "requested")


def test_a_dispatch_that_is_delivered_again_runs_once(world: GitHubWorld) -> None:
    """GitHub gives a delivery the same id when it is delivered again."""
    world.repository.push(FILES)
    for _ in range(2):
        world.deliver("workflow_dispatch", payload("workflow_dispatch"), guid="same")
    assert len(world.published(RunAsked)) == 1
