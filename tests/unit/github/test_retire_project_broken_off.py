"""A project that a branch holds no more is retired once, wherever a worker breaks off."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.ledger import Ledger
from sluiceway.triggers.contracts import ProjectRetired
from tests.fakes.github_world import REPOSITORY, GitHubWorld, payload
from tests.fakes.ledger import MemoryTable
from tests.unit.github.test_follow_branch import two_projects
from tests.unit.github.test_retire_project import PROJECT, latest, only_other

WRITES = range(1, 13)
"""More than there are."""


class BreakingTable(MemoryTable):
    """Its n-th write breaks the worker off: before it is done, or after."""

    def __init__(self) -> None:
        super().__init__()
        self.breaks: tuple[int, bool] | None = None

    def put_if(self, *given: Any) -> bool:
        return bool(self._break(super().put_if, *given))

    def put(self, item: Any) -> None:
        self._break(super().put, item)

    def _break(self, write: Callable[..., Any], *given: Any) -> Any:
        left, done = self.breaks or (0, False)
        self.breaks = (left - 1, done) if left > 1 else None
        if left == 1 and not done:
            raise ServiceUnavailable("broken off before the write")
        answer = write(*given)
        if left == 1:
            raise ServiceUnavailable("broken off after the write")
        return answer


def breaking(world: GitHubWorld) -> BreakingTable:
    """The world's ledger on such a table."""
    table = BreakingTable()
    world.ledger = Ledger(table)
    return table


def broken_push(world: GitHubWorld, files: dict[str, bytes]) -> dict[str, Any]:
    """Push while something is going to break; returns what was told, to be told again."""
    before = world.repository.branches["main"]
    told = payload("push", before=before, after=world.repository.push(files))
    with contextlib.suppress(ServiceUnavailable):
        world.deliver("push", told, guid="same")
    return told


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("number", WRITES)
def test_a_retirement_that_broke_off_is_done_again(world: GitHubWorld, number: int, done: bool) -> None:
    """At each write: what is delivered again ends as if nothing had happened, under the same event id."""
    table = breaking(world)
    world.push(two_projects())
    table.breaks = (number, done)
    told = broken_push(world, only_other())
    world.deliver("push", told, guid="same")
    branch = world.ledger.branch(REPOSITORY, "main")
    assert latest(world).retired is not None
    assert len({event.event_id for event in world.published(ProjectRetired)}) == 1
    assert branch is not None
    assert (branch.sha, branch.brought) == (told["after"], {"other": "b/c"})


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("number", WRITES)
def test_a_branch_that_is_forced_back_meanwhile_has_its_project_back(
    world: GitHubWorld, number: int, done: bool
) -> None:
    """Whatever the worker had done when it died."""
    table = breaking(world)
    world.push(two_projects())
    stood = world.repository.branches["main"]
    table.breaks = (number, done)
    broken_push(world, only_other())
    world.repository.branches["main"] = stood
    world.deliver("push", payload("push", after=stood))
    assert latest(world).retired is None


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("number", WRITES)
def test_a_project_that_a_dead_worker_began_to_bring_is_retired(
    world: GitHubWorld, number: int, done: bool
) -> None:
    """The branch was forced back to where there was no such project: nothing of it goes on."""
    table = breaking(world)
    world.push(only_other())
    stood = world.repository.branches["main"]
    table.breaks = (number, done)
    broken_push(world, two_projects())
    world.repository.branches["main"] = stood
    world.deliver("push", payload("push", after=stood))
    assert world.ledger.code_pointer(PROJECT) is None or world.ledger.is_retired(PROJECT)


def test_what_was_retired_but_not_told_is_told_with_the_next_commit(world: GitHubWorld) -> None:
    """Whoever moved the pointer died before the event: its schedules would stay."""
    world.push(two_projects())
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.push(only_other())
    world.push({**only_other(), "README.md": b"hello"})
    assert [event.project for event in world.published(ProjectRetired)] == [PROJECT]
