"""What a followed branch holds no more is retired, by that branch alone, and until it is back."""

from typing import Any

import pytest

from sluiceway.gateways.ledger import CodePointer, Ledger
from sluiceway.github import repository_files
from sluiceway.github.follow_branch import follow_branch
from sluiceway.triggers.contracts import CodePushed, ProjectRetired, RunAsked
from tests.fakes.github_world import REPOSITORY, GitHubWorld, in_folder, payload
from tests.fakes.samples import project_files
from tests.unit.github.test_follow_branch import two_projects

PROJECT = "flight-delay"
README = {"README.md": b"models"}


def latest(world: GitHubWorld, project: str = PROJECT) -> CodePointer:
    """The project's latest code."""
    found = world.ledger.code_pointer(project)
    assert found is not None
    return found


def only_other() -> dict[str, bytes]:
    """The repository of two projects without flight-delay."""
    return {path: content for path, content in two_projects().items() if not path.startswith("a/")}


def test_a_project_that_the_branch_holds_no_more_is_retired(world: GitHubWorld) -> None:
    """The latest code says so, then the bus and the ledger; the code version stays, other projects too."""
    world.push(two_projects())
    before = latest(world)
    record = world.push(only_other())
    (told,) = world.published(ProjectRetired)
    after = latest(world)
    known = world.ledger.event(told.event_id)
    assert (told.project, after.retired, record.outcome) == (PROJECT, told.reason, "accepted")
    assert "no longer holds flight-delay" in record.reason
    assert (known and (known.event, known.outcome, known.project)) == ("ProjectRetired", "accepted", PROJECT)
    assert world.ledger.code(PROJECT, before.code_version) == before
    assert not world.ledger.is_retired("other")


def test_it_is_retired_once(world: GitHubWorld) -> None:
    """Not with every push that follows."""
    world.push(two_projects())
    world.push(only_other())
    world.push({**only_other(), "README.md": b"again"})
    assert len(world.published(ProjectRetired)) == 1


def test_a_later_push_of_the_project_brings_it_back(world: GitHubWorld) -> None:
    """Also of the very same files."""
    world.push(two_projects())
    before = latest(world)
    world.push(only_other())
    world.push(two_projects())
    assert (latest(world).retired, latest(world).code_version) == (None, before.code_version)
    assert [event.project for event in world.published(CodePushed)][2:] == [PROJECT]


@pytest.mark.parametrize("collected", ["before", "after"])
def test_an_upload_since_the_push_stands(world: GitHubWorld, collected: str) -> None:
    """Whether it is collected before the project is retired or after: somebody wants it to be there."""
    world.push(two_projects())
    changes = {"order": "2027", "event_id": "upload", "trigger": "upload", "commit": None}
    upload = latest(world).model_copy(update=changes)
    if collected == "before":
        world.ledger.move_code_pointer(upload)
    world.push(only_other())
    world.ledger.move_code_pointer(upload)
    assert latest(world) == upload
    assert len(world.published(ProjectRetired)) == (collected == "after")


def test_a_project_that_moves_to_another_folder_is_not_retired(world: GitHubWorld) -> None:
    """It is known by its name; one that gets another name is another one."""
    world.push(in_folder("a", project_files()))
    world.push(in_folder("b", project_files()))
    assert world.published(ProjectRetired) == []
    renamed = project_files()["sluice.yaml"].replace(b"project: flight-delay", b"project: arrival-delay")
    world.push(in_folder("b", {**project_files(), "sluice.yaml": renamed}))
    assert [event.project for event in world.published(ProjectRetired)] == [PROJECT]
    assert not world.ledger.is_retired("arrival-delay")


@pytest.mark.parametrize("broken", ["project: flight-delay\n", "{{{"])
def test_a_project_that_cannot_be_used_is_not_retired(world: GitHubWorld, broken: str) -> None:
    """It is there, and somebody is going to mend it; once its folder goes it is retired after all."""
    world.push(two_projects())
    world.push(two_projects(sluice_yaml=broken))
    assert latest(world).retired is None
    world.push(only_other())
    assert latest(world).retired is not None


def test_a_commit_that_cannot_be_read_retires_nothing(
    world: GitHubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what it holds; what the branch brought stays known."""
    world.push(two_projects())
    with monkeypatch.context() as limited:
        limited.setattr(repository_files, "MAX_PROJECTS", 0)
        assert world.push({**two_projects(), "README.md": b"hello"}).outcome == "refused"
    assert world.published(ProjectRetired) == []
    world.push(only_other())
    assert latest(world).retired is not None


def test_a_deleted_branch_retires_nothing(world: GitHubWorld) -> None:
    """Branches are deleted by mistake, and to be made anew."""
    world.push()
    world.deliver("push", payload("push_that_deletes", ref="refs/heads/main"))
    del world.repository.branches["main"]
    world.deliver("push", payload("push"))
    assert latest(world).retired is None


def test_what_another_branch_has_brought_stays(world: GitHubWorld) -> None:
    """Each branch retires what is its own."""
    connected = world.settings.repositories[REPOSITORY].model_copy(update={"branches": ("main", "next")})
    world.settings = world.settings.model_copy(update={"repositories": {REPOSITORY: connected}})
    world.push()
    world.repository.push(project_files(train_py="print('next')\n"), "next")
    follow_branch(REPOSITORY, "next", world.handling())
    world.push(README)
    assert latest(world).retired is None


def test_a_retired_project_may_move_to_another_repository(world: GitHubWorld) -> None:
    """The one that retired it has given it up."""
    world.push()
    world.push(README)
    connected = world.settings.repositories[REPOSITORY]
    both = {REPOSITORY: connected, "octo-org/b": connected}
    world.settings = world.settings.model_copy(update={"repositories": both})
    world.server.repository("octo-org/b").push(project_files())
    follow_branch("octo-org/b", "main", world.handling())
    found = latest(world)
    assert found.retired is None
    assert found.commit is not None
    assert found.commit.repository == "octo-org/b"


def test_a_late_or_doubled_push_retires_nothing_newer(world: GitHubWorld) -> None:
    """What is told is not believed: the head is asked."""
    world.push()
    gone = world.repository.push(README)
    world.deliver("push", payload("push", after=gone))
    world.push()
    world.deliver("push", payload("push", after=gone))
    assert latest(world).retired is None
    assert len(world.published(ProjectRetired)) == 1


def test_of_two_workers_the_one_that_saw_it_gone_retires_nothing_that_is_back(
    world: GitHubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right before the slow one writes, another takes in the next commit, by a clock ten minutes behind."""
    world.push()
    fast, retire = world.handling(now=lambda: "2026-11-21T11:50:00.000Z"), Ledger.retire_code

    def overtaken(*given: Any) -> Any:
        monkeypatch.setattr(Ledger, "retire_code", retire)
        world.repository.push(project_files(train_py="print('back')\n"))
        follow_branch(REPOSITORY, "main", fast)
        return retire(*given)

    monkeypatch.setattr(Ledger, "retire_code", overtaken)
    world.push(README)
    assert latest(world).retired is None
    assert world.published(ProjectRetired) == []


def test_a_pull_request_that_brings_a_retired_project_back_is_tried(world: GitHubWorld) -> None:
    """Its code is that of the latest pointer, and yet not what is the latest."""
    world.push()
    world.push(README)
    world.repository.propose(project_files(), changed=["train.py"])
    world.deliver("pull_request", payload("pull_request_opened"))
    assert [event.project for event in world.published(RunAsked)] == [PROJECT]
