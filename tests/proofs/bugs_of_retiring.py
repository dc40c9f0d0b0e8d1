"""Mistakes in how projects are retired that a followed branch holds no more."""

from typing import Any
from unittest.mock import patch

from sluiceway.gateways.items import to_item
from sluiceway.gateways.ledger import Claim, Ledger
from sluiceway.github import follow_branch as following
from sluiceway.github.push import Push

Patches = list[Any]


def nothing_is_retired() -> Patches:
    """what disappears from a branch goes on for ever"""
    return [patch.object(Push, "gone", lambda *_: ())]


def retired_without_a_condition() -> Patches:
    """whoever retires a project is right, whatever was pushed since it was read"""

    def retire(self: Any, pointer: Any, _standing: Any) -> Claim:
        item = to_item(f"PROJECT#{pointer.project}", "CODE", pointer)
        self._table.put(item | {"kind": "PROJECT", "at": pointer.moved_at})
        return Claim.WON

    return [patch.object(Ledger, "retire_code", retire)]


def retired_before_the_branch_says_so() -> Patches:
    """the branch notes which code is going to be moved, and not what is going to be retired"""
    real = Push.begin
    return [patch.object(Push, "begin", lambda push, changed, _gone=(): real(push, changed))]


def what_is_brought_is_noted_when_it_is() -> Patches:
    """of a project that a dead worker had begun to bring the branch knows nothing"""
    real = Push.begin

    def begin(push: Push, *given: Any) -> Any:
        brought = push.standing.brought if push.standing else {}
        return real(push, *given).model_copy(update={"brought": brought})

    return [patch.object(Push, "begin", begin)]


def retired_and_never_told_again() -> Patches:
    """a project that is retired already is left as it is, though whoever did it may have told nobody"""
    real = following.retire_project

    def retire(push: Push, name: str, latest: Any, on: Any) -> bool:
        return (latest is not None and latest.retired is not None) or real(push, name, latest, on)

    return [patch.object(following, "retire_project", retire)]


def nothing_stands_where_nothing_was_brought() -> Patches:
    """where a slow worker was going to bring a project, and has not yet, nothing is retired"""
    real = following.retire_project

    def retire(push: Push, name: str, latest: Any, on: Any) -> bool:
        return latest is None or real(push, name, latest, on)

    return [patch.object(following, "retire_project", retire)]


def retired_where_nobody_can_tell() -> Patches:
    """a folder whose project cannot be used holds none"""
    real = Push.gone

    def gone(push: Push, found: Any) -> Any:
        return real(push, [each for each in found if each.project is not None])

    return [patch.object(Push, "gone", gone)]


def code_is_known_by_its_push() -> Patches:
    """code is replaced where the push stands that was read, and left where it is that of the same push"""
    real = Ledger._make_latest

    def make_latest(self: Any, pointer: Any, standing: Any) -> Claim:
        now = self.code_pointer(pointer.project)
        if standing is not None and standing.event_id == pointer.event_id:
            return Claim.MINE
        same = now is not None and standing is not None and now.event_id == standing.event_id
        return real(self, pointer, now if same else standing)

    return [patch.object(Ledger, "_make_latest", make_latest)]
