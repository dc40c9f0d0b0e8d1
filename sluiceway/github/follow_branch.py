"""Follows a branch: what GitHub says its head is now becomes the code of the projects that changed.

A push only says that something moved; where to is asked. So it does not matter how often, in which order, or
whether at all pushes are told. How two workers at once never move anything back:

1. what stands (branch, then code of each project) is read before the head is asked for the last time;
2. it is noted at the branch which projects are going to be moved: a worker may die in between, and the
   branch be forced back;
3. each pointer is only replaced where that still stands, so the one who asked earlier fails and looks again;
4. the branch moves last, and then the head is asked once more.

A project that the branch has brought and holds no more is retired the same way (`retire_project`).

A push is known by its commit and by the push before it: a branch may be forced back to where it was.
"""

from dataclasses import replace

from sluiceway.errors import InvalidUpload, LostRace
from sluiceway.gateways.bounded_http import AnswerTooLarge
from sluiceway.gateways.records import BranchPointer, EventRecord, Outcome
from sluiceway.github.bring_project import bring_project
from sluiceway.github.found_project import FoundProject
from sluiceway.github.handling import Handling
from sluiceway.github.names import HEADS, event_id
from sluiceway.github.push import Push
from sluiceway.github.retire_project import retire_project
from sluiceway.triggers.contracts import Commit

ROUNDS = 5
"""A branch that moves more often while it is looked at is looked at again by the next delivery."""


def follow_branch(repository: str, branch: str, on: Handling) -> EventRecord:
    """Take in the branch's head; returns how its push ended. Raises `LostRace` to be tried again."""
    taken: EventRecord | None = None
    for _ in range(ROUNDS):
        standing = on.ledger.branch(repository, branch)
        head = on.github.head(repository, branch)
        if head is None:
            return _gone(repository, branch, on)
        if standing is not None and standing.sha == head and standing.begun is None:
            return taken or on.ledger.event(standing.event_id) or _known(standing, on)
        taken = _take_in(_push(repository, branch, sha=head, standing=standing, on=on), on)
    raise LostRace(f"{repository}: {branch} moves faster than it can be followed")


def _push(repository: str, branch: str, *, sha: str, standing: BranchPointer | None, on: Handling) -> Push:
    before = standing.event_id if standing else ""
    return Push(
        event_id=event_id("push", repository.casefold(), branch, sha, before),
        commit=Commit(repository=repository, sha=sha, ref=f"{HEADS}{branch}"),
        branch=branch,
        standing=standing,
        at=on.now(),
    )


def _take_in(push: Push, on: Handling) -> EventRecord | None:
    """Everything that the push changes; None where somebody else was faster."""
    try:
        found = on.projects_at(push.commit.repository, push.commit.sha, pushed=True)
    except (InvalidUpload, AnswerTooLarge) as error:
        return _refuse_all(push, str(error), on)
    changed = [each for each in found if push.changes(each)]
    gone = push.gone(found)
    latest = {name: on.ledger.code_pointer(name) for name in (*(each.name for each in changed), *gone)}
    if on.github.head(push.commit.repository, push.branch) != push.commit.sha:
        return None
    begun = _begin(push, changed, gone, on)
    if begun is None:
        return None
    if not all(bring_project(begun, each, latest[each.name], on) for each in changed):
        return None
    if not all(retire_project(begun, name, latest[name], on) for name in gone):
        return None
    return _end(begun, found, on, changed=changed, gone=gone)


def _begin(push: Push, changed: list[FoundProject], gone: tuple[str, ...], on: Handling) -> Push | None:
    """Note that code is going to be moved; None where somebody else was faster."""
    standing, begun = push.standing, push.begin(changed, gone)
    if begun == standing or not (changed or gone):
        return push
    if not on.ledger.move_branch(begun, replacing=standing.state if standing else None).ours:
        return None
    return replace(push, standing=begun)


def _end(
    push: Push, found: list[FoundProject], on: Handling, *, changed: list[FoundProject], gone: tuple[str, ...]
) -> EventRecord | None:
    """Everything has been taken in; None where somebody else was faster."""
    told = [", ".join(each.name for each in changed), f"it no longer holds {', '.join(gone)}" if gone else ""]
    reason = "; ".join(filter(None, told))
    moved_to = push.pointer({each.folder: each.version for each in found}, push.holds(found))
    outcome: Outcome = "accepted" if reason else "unchanged"
    return _move(push, moved_to, on, outcome=outcome, reason=reason or "it changes no project")


def _refuse_all(push: Push, reason: str, on: Handling) -> EventRecord | None:
    """A commit that cannot be used is not looked at again either; what stood stays."""
    standing = push.standing
    kept = push.pointer(standing.projects, standing.brought) if standing else push.pointer({})
    return _move(push, kept, on, outcome="refused", reason=reason)


def _move(
    push: Push, moved_to: BranchPointer, on: Handling, *, outcome: Outcome, reason: str
) -> EventRecord | None:
    """Record the push, then move the branch; None where somebody else was faster."""
    record = on.record(
        push.event_id,
        "BranchPushed",
        f"{push.commit.repository}@{push.branch}"[:512],
        outcome=outcome,
        reason=f"commit {push.commit.sha[:12]}: {reason}",
    )
    standing = push.standing
    moved = on.ledger.move_branch(moved_to, replacing=standing.state if standing else None)
    return record if moved.ours else None


def _gone(repository: str, branch: str, on: Handling) -> EventRecord:
    """Deleted, or not there yet: what it brought stays."""
    return EventRecord(
        event_id=event_id("gone", repository.casefold(), branch),
        event="BranchPushed",
        subject=f"{repository}@{branch}"[:512],
        outcome="ignored",
        reason="there is no such branch: what it brought before stays",
        recorded_at=on.now(),
    )


def _known(standing: BranchPointer, on: Handling) -> EventRecord:
    """A ledger that has forgotten the event, but not the branch."""
    return on.record(
        standing.event_id,
        "BranchPushed",
        f"{standing.repository}@{standing.branch}"[:512],
        outcome="unchanged",
        reason=f"commit {standing.sha[:12]} was taken in before",
    )
