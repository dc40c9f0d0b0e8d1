"""Retires a project that a branch has brought and holds no more: nothing starts runs of it by itself then.

Its code versions, models, endpoint and past stay as they are. The pointer says it before the bus does, and
only where what was read still stands: so an upload, or a later push, brings the project back.
"""

from sluiceway.gateways.records import CodePointer, Outcome
from sluiceway.github.handling import Handling
from sluiceway.github.push import Push
from sluiceway.triggers.contracts import ProjectRetired

NO_CODE = "0" * 64
"""Of a project whose code a push had begun to bring, and never did."""


def retire_project(push: Push, name: str, latest: CodePointer | None, on: Handling) -> bool:
    """False where the project's code has been replaced since it was read."""
    if latest is not None and not _is_of_branch(latest, push):
        _record(push, name, on, outcome="ignored", reason=f"{_why(push)}; its latest code came otherwise")
        return True
    # Also what is retired already: whoever looked before and still means to move it fails.
    if not on.ledger.retire_code(_retired(push, name, latest), latest).ours:
        return False
    reason, event_id = _why(push), _event_id(push, name)
    on.events.publish(ProjectRetired(event_id=event_id, project=name, reason=reason, commit=push.commit))
    _record(push, name, on, outcome="accepted", reason=reason)
    return True


def _is_of_branch(latest: CodePointer, push: Push) -> bool:
    """What somebody uploaded since, or another branch brought, is not for this branch to retire."""
    commit = latest.commit
    if latest.trigger != "push" or commit is None or commit.ref != push.commit.ref:
        return False
    return commit.repository.casefold() == push.commit.repository.casefold()


def _retired(push: Push, name: str, latest: CodePointer | None) -> CodePointer:
    """Right behind what was latest, whatever the time: an upload that is only collected later goes first."""
    standing = latest or _nothing(push, name)
    return standing.model_copy(
        update={
            "order": f"{standing.order}+",
            "event_id": push.event_id,
            "commit": push.commit,
            "retired": _why(push),
            "moved_at": push.at,
        }
    )


def _nothing(push: Push, name: str) -> CodePointer:
    """Where code was going to be moved and was not: whoever still means to move it finds this, and fails."""
    return CodePointer(
        project=name,
        code_version=NO_CODE,
        uri="",
        order="",
        event_id="",
        trigger="push",
        datasets=(),
        config="{}",
        moved_at=push.at,
    )


def _why(push: Push) -> str:
    commit = push.commit
    return f"commit {commit.sha[:12]} of {commit.repository}@{push.branch} no longer holds it"


def _event_id(push: Push, name: str) -> str:
    return f"{push.event_id}.{name}.retired"


def _record(push: Push, name: str, on: Handling, *, outcome: Outcome, reason: str) -> None:
    on.record(_event_id(push, name), "ProjectRetired", name, outcome=outcome, reason=reason, project=name)
