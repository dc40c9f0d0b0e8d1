"""Pushes: GitHub's head becomes the code of the projects that changed, whatever is told how often."""

from typing import Any

import pytest

from sluiceway.errors import LostRace, ServiceUnavailable
from sluiceway.github.contracts import ProjectChecked
from sluiceway.github.follow_branch import follow_branch
from sluiceway.github.handle_delivery import handle_delivery
from sluiceway.triggers.contracts import CodePushed, RunFinished
from tests.fakes.github_world import REPOSITORY, GitHubWorld, in_folder, payload
from tests.fakes.samples import project_files

A_YAML = project_files()["sluice.yaml"]
OTHER_YAML = A_YAML.replace(b"project: flight-delay", b"project: other")


def two_projects(**changes: str | None) -> dict[str, bytes]:
    """`flight-delay` below `a`, `other` below `b/c`; changes are made to the first."""
    other = {**project_files(), "sluice.yaml": OTHER_YAML}
    return {"README.md": b"hi", **in_folder("a", project_files(**changes)), **in_folder("b/c", other)}


def commit_of_latest(world: GitHubWorld) -> str | None:
    """Of flight-delay."""
    latest = world.ledger.code_pointer("flight-delay")
    return latest.commit.sha if latest and latest.commit else None


def test_a_push_becomes_code_with_its_commit(world: GitHubWorld) -> None:
    """The commit's archive is fetched by its SHA, kept under the code version, and told on the bus."""
    record = world.push()
    (pushed,) = world.published(CodePushed)
    latest = world.ledger.code_pointer("flight-delay")
    assert record.outcome == "accepted"
    assert latest is not None
    assert pushed.code_version == latest.code_version
    assert pushed.commit == latest.commit
    assert pushed.commit is not None
    assert pushed.commit.sha == world.repository.branches["main"]
    assert (pushed.trigger, pushed.commit.ref) == ("push", "refs/heads/main")
    assert world.ledger.subscribers("flights") == ["flight-delay"]


def test_a_push_and_an_upload_of_the_same_files_are_the_same_code(world: GitHubWorld) -> None:
    """Whoever packs a project, its version follows from paths and bytes."""
    world.push(two_projects())
    below_a = world.published(CodePushed)[0].code_version
    world.push(project_files())
    assert world.published(CodePushed)[-1].code_version == below_a


def test_a_delivery_that_comes_again_changes_nothing(world: GitHubWorld) -> None:
    """By its id, and under another id by repository, event and commit."""
    world.push(guid="first")
    told = payload("push", after=world.repository.branches["main"])
    world.deliver("push", told, guid="first")
    world.deliver("push", told, guid="second")
    assert len(world.published(CodePushed)) == 1


def test_only_projects_whose_files_changed_are_pushed(world: GitHubWorld) -> None:
    """A repository may hold several, at any depth."""
    world.push(two_projects())
    assert {event.project for event in world.published(CodePushed)} == {"flight-delay", "other"}
    world.push(two_projects(train_py="print('again')\n"))
    assert [event.project for event in world.published(CodePushed)][2:] == ["flight-delay"]


def test_a_push_that_does_not_touch_a_project_leaves_an_upload_of_it_alone(world: GitHubWorld) -> None:
    """What counts is what this branch brought last, not what is latest."""
    world.push(two_projects())
    uploaded = world.ledger.code_pointer("other")
    assert uploaded is not None
    later = uploaded.model_copy(update={"code_version": "cd" * 32, "order": "9", "event_id": "upload"})
    world.ledger.move_code_pointer(later)
    world.push(two_projects(train_py="print('again')\n"))
    assert world.ledger.code_pointer("other") == later


def test_a_branch_that_is_forced_back_is_followed_back(world: GitHubWorld) -> None:
    """The same commit twice is two pushes when another one was between them."""
    first = world.repository.push(project_files())
    told = payload("push", after=first)
    world.deliver("push", told)
    world.push(project_files(train_py="print('wrong')\n"))
    wrong, mistake = world.ledger.code_pointer("flight-delay"), world.repository.branches["main"]
    world.repository.branches["main"] = first
    world.deliver("push", told)
    assert wrong is not None
    assert (wrong.commit and wrong.commit.sha, commit_of_latest(world)) == (mistake, first)
    assert len(world.published(CodePushed)) == 3


def test_a_late_push_does_not_move_anything_back(world: GitHubWorld) -> None:
    """What is told is not believed: the head is asked."""
    first = world.repository.push(project_files())
    world.push(project_files(train_py="print('newer')\n"))
    newer = world.ledger.code_pointer("flight-delay")
    world.deliver("push", payload("push", after=first))
    assert world.ledger.code_pointer("flight-delay") == newer


@pytest.mark.parametrize("broken", [1, 2])
def test_a_push_that_broke_off_is_done_again(world: GitHubWorld, broken: int) -> None:
    """The outcome is recorded last: what is delivered again finds no record, and the same event id."""
    world.events.refuse = broken
    sha = world.repository.push(project_files())
    told = payload("push", after=sha)
    for _ in range(broken):
        with pytest.raises(ServiceUnavailable):
            world.deliver("push", told, guid="same")
    assert world.deliver("push", told, guid="same").outcome == "accepted"
    assert len({event.event_id for event in world.published(CodePushed)}) == 1


def test_a_branch_that_is_forced_back_while_its_worker_dies_brings_its_code_back(world: GitHubWorld) -> None:
    """The worker had moved the project's code, and not the branch: where it stood is its head again."""
    world.push()
    stood, code = world.repository.branches["main"], world.ledger.code_pointer("flight-delay")
    world.repository.push(project_files(train_py="print(2)"))
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.deliver("push", payload("push", after=world.repository.branches["main"]))
    world.repository.branches["main"] = stood
    world.deliver("push", payload("push", after=stood))
    latest = world.ledger.code_pointer("flight-delay")
    assert latest is not None
    assert code is not None
    assert latest.code_version == code.code_version


def test_a_project_that_a_dead_worker_moved_to_another_folder_has_its_code_back(world: GitHubWorld) -> None:
    """The branch is forced back to where the project lies in its old folder, with its old code."""
    world.push(in_folder("a", project_files()))
    stood, code = world.repository.branches["main"], world.ledger.code_pointer("flight-delay")
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.push(in_folder("b", project_files(train_py="print(2)")))
    world.repository.branches["main"] = stood
    world.deliver("push", payload("push", after=stood))
    latest = world.ledger.code_pointer("flight-delay")
    assert latest is not None
    assert code is not None
    assert latest.code_version == code.code_version


@pytest.mark.parametrize("first", [True, False])
def test_code_that_was_moved_but_not_told_is_told_with_the_next_commit(
    world: GitHubWorld, first: bool
) -> None:
    """Whoever moved the pointer died before the event: the next push, of something else, makes up for it."""
    if not first:
        world.push(two_projects())
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.push(two_projects(train_py="print('untold')\n"))
    world.push({**two_projects(train_py="print('untold')\n"), "README.md": b"hello"})
    latest = world.ledger.code_pointer("flight-delay")
    assert latest is not None
    told = {event.code_version for event in world.published(CodePushed) if event.project == "flight-delay"}
    assert latest.code_version in told


@pytest.mark.parametrize("moment", ["zipball", "_codeload"])
def test_a_branch_that_moves_meanwhile_ends_at_its_head(world: GitHubWorld, moment: str) -> None:
    """The head is asked again before anything is replaced, and once all is done."""
    newest: list[str] = []
    files = project_files(train_py="print('meanwhile')\n")
    world.server.before[moment] = lambda: newest.append(world.repository.push(files))
    world.push()
    assert commit_of_latest(world) == newest[0]


def test_of_two_workers_the_one_that_asked_earlier_moves_nothing_back(
    world: GitHubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right before the slow one writes, another takes in the next commit, by a clock ten minutes behind."""
    world.push()
    fast, keep = world.handling(now=lambda: "2026-11-21T11:50:00.000Z"), world.objects.keep

    def overtaken(*given: Any, **named: Any) -> None:
        monkeypatch.setattr(world.objects, "keep", keep)
        world.repository.push(project_files(train_py="print('fast')\n"))
        follow_branch(REPOSITORY, "main", fast)
        keep(*given, **named)

    monkeypatch.setattr(world.objects, "keep", overtaken)
    world.push(project_files(train_py="print('slow')\n"))
    head = world.repository.branches["main"]
    assert commit_of_latest(world) == head
    assert [event.commit.sha for event in world.published(CodePushed) if event.commit][1:] == [head]


def test_an_invalid_project_is_a_failed_run_and_stops_no_other(world: GitHubWorld) -> None:
    """With every problem, file and line, below the project's folder."""
    world.push(two_projects(sluice_yaml="project: flight-delay\nsteps: {}\n"))
    (run,) = world.ledger.runs()
    (failed,) = world.published(RunFinished)
    assert (run.project, run.status, failed.run_id) == ("flight-delay", "FAILED", run.run_id)
    assert "a/sluice.yaml" in run.reason
    assert [event.project for event in world.published(CodePushed)] == ["other"]
    told = {checked.project: checked.outcome for checked in world.published(ProjectChecked)}
    assert told == {"flight-delay": "invalid", "other": "asked"}


def test_an_invalid_project_fails_once_and_not_with_every_push(world: GitHubWorld) -> None:
    """It has not changed since it was refused."""
    world.push(two_projects(sluice_yaml="project: flight-delay\n"))
    world.push({**two_projects(sluice_yaml="project: flight-delay\n"), "README.md": b"hello"})
    assert len(world.ledger.runs()) == 1


def test_two_folders_may_not_claim_one_name(world: GitHubWorld) -> None:
    """Nobody could say which of them is meant."""
    world.push({**in_folder("a", project_files()), **in_folder("b", project_files())})
    (run,) = world.ledger.runs()
    assert "in a, b" in run.reason
    assert world.published(CodePushed) == []


def test_a_repository_cannot_take_over_a_project_of_another_one(world: GitHubWorld) -> None:
    """Two connected repositories would overwrite each other with every push."""
    world.push()
    world.settings = world.settings.model_copy(
        update={
            "repositories": {
                **world.settings.repositories,
                "octo-org/b": world.settings.repositories[REPOSITORY],
            }
        }
    )
    other = world.server.repository("octo-org/b")
    other.push(project_files(train_py="print('mine')\n"))
    follow_branch("octo-org/b", "main", world.handling())
    (run,) = world.ledger.runs()
    assert "octo-org/models" in run.reason


def test_what_is_no_connected_branch_is_ignored(world: GitHubWorld) -> None:
    """Tags, other branches, names that try to inject, deletions: recorded, and nothing fetched."""
    told = [payload("push_of_a_tag"), payload("push_that_deletes")]
    names = (
        "refs/heads/other",
        "refs/heads/$(id)",
        "refs/heads/../main",
        "refs/heads/main\n",
        "refs/heads/mаin",
    )
    told += [payload("push", ref=name) for name in (*names, "-umain", "refs/heads/main\x00")]
    outcomes = {world.deliver("push", body).outcome for body in told}
    assert outcomes == {"ignored"}
    assert world.server.requests == []


def test_a_repository_that_is_not_connected_is_ignored(world: GitHubWorld) -> None:
    """An App's hook tells of every repository that it is installed on."""
    body = payload("push")
    body["repository"]["full_name"] = "octo-org/somebody-elses"
    assert world.deliver("push", body).outcome == "ignored"


def test_a_branch_that_moves_all_the_time_is_left_to_the_next_delivery(
    world: GitHubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is tried for ever."""
    handling = world.handling()
    monkeypatch.setattr(handling.github, "head", lambda *_: world.repository.push(project_files()))
    with pytest.raises(LostRace):
        follow_branch(REPOSITORY, "main", handling)


def test_a_head_that_has_not_moved_yet_is_waited_for_once(world: GitHubWorld) -> None:
    """GitHub may tell of a push before each of its servers knows of it."""
    world.push()
    before = world.repository.branches["main"]
    told = world.delivery("push", payload("push", before=before, after="ab" * 20))
    with pytest.raises(LostRace):
        handle_delivery(told, world.handling())
    assert handle_delivery(told, world.handling()).outcome == "accepted"
