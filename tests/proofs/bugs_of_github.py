"""Mistakes in how what GitHub tells is taken in."""

import hashlib
import itertools
from typing import Any
from unittest.mock import patch

from sluiceway.gateways.items import to_item
from sluiceway.gateways.ledger import Claim, Ledger
from sluiceway.github import check_pull_request as checking
from sluiceway.github import follow_branch as following
from sluiceway.github import handle_delivery as handling
from sluiceway.github import reconcile_github as reconciling
from sluiceway.github import take_comment as commenting
from sluiceway.github.push import Push
from tests.proofs import github_cloud

Patches = list[Any]
_number = itertools.count()


class _Told:
    """GitHub, of which the head is what was told."""

    def __init__(self, real: Any, sha: str) -> None:
        self._real, self._sha = real, sha

    def head(self, *_: str) -> str:
        return self._sha

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def moved_by_what_was_told() -> Patches:
    """a push is believed: the branch moves to the commit that it names"""
    from dataclasses import replace

    def push(delivery: Any, told: Any, on: Any) -> Any:
        if told.ref != "refs/heads/main":
            return real(delivery, told, on)
        return following.follow_branch(
            delivery.repository, "main", replace(on, github=_Told(on.github, told.after))
        )

    real = handling._push
    return [patch.dict(handling.HANDLERS, {handling.PushTold: push})]


def head_not_asked_again_before_the_move() -> Patches:
    """the head is asked once, before the archive is fetched"""
    real = following._take_in

    def take_in(push: Any, on: Any) -> Any:
        from dataclasses import replace

        return real(push, replace(on, github=_Told(on.github, push.commit.sha)))

    return [patch.object(following, "_take_in", take_in)]


def head_not_asked_again_after_the_move() -> Patches:
    """once the branch has moved, nobody looks whether that is still the head"""

    def follow(repository: str, branch: str, on: Any) -> Any:
        standing, head = on.ledger.branch(repository, branch), on.github.head(repository, branch)
        if head is None:
            return following._gone(repository, branch, on)
        if standing is not None and standing.sha == head:
            return on.ledger.event(standing.event_id)
        push = following._push(repository, branch, sha=head, standing=standing, on=on)
        return following._take_in(push, on) or following._known(standing or push.pointer({}), on)

    return [
        patch.object(handling, "follow_branch", follow),
        patch.object(handling, "_await_head", lambda *_: None),
    ]


def branch_moved_without_a_condition() -> Patches:
    """whoever moves the branch last is right"""

    def move(self: Any, pointer: Any, *, replacing: str | None) -> Claim:
        self._table.put(
            to_item(f"REPOSITORY#{pointer.repository.casefold()}", f"BRANCH#{pointer.branch}", pointer)
        )
        return Claim.WON

    return [patch.object(Ledger, "move_branch", move)]


def code_replaced_without_a_condition() -> Patches:
    """whoever replaces a project's code last is right"""

    def replace(self: Any, pointer: Any, _standing: Any) -> Claim:
        pk = f"PROJECT#{pointer.project}"
        self._table.put(to_item(pk, f"CODE#{pointer.code_version}", pointer))
        self._table.put(to_item(pk, "CODE", pointer) | {"kind": "PROJECT", "at": pointer.moved_at})
        return Claim.WON

    return [patch.object(Ledger, "replace_code_pointer", replace)]


def begun_and_not_noted() -> Patches:
    """code is moved before anything says at the branch that it will be"""
    return [patch.object(following, "_begin", lambda push, *_: push)]


def branch_moves_before_its_projects() -> Patches:
    """the branch is said to be taken in before its projects' code is"""
    real = following._take_in

    def take_in(push: Push, on: Any) -> Any:
        on.ledger.move_branch(push.pointer({}), replacing=push.standing.state if push.standing else None)
        return real(push, on)

    return [patch.object(following, "_take_in", take_in)]


def push_known_by_its_commit_only() -> Patches:
    """a push is known by its commit: one that is forced back to was there before"""
    real = following._push

    def push(repository: str, branch: str, *, sha: str, standing: Any, on: Any) -> Push:
        from dataclasses import replace

        return replace(
            real(repository, branch, sha=sha, standing=standing, on=on),
            event_id=following.event_id("push", repository, branch, sha),
        )

    def take_in(made: Push, on: Any) -> Any:
        return on.ledger.event(made.event_id) or taken_in(made, on)

    taken_in = following._take_in
    return [patch.object(following, "_push", push), patch.object(following, "_take_in", take_in)]


def _named_by_the_delivery(module: Any, at: int) -> Patches:
    """Events get their ids from the delivery that told of them."""
    real = module.event_id
    handle = github_cloud.handle_delivery
    from tests.proofs.workers import current

    def named(happening: str, *parts: Any) -> str:
        return f"{real(happening, *parts)}-{getattr(current(), 'delivery', '')}"

    def handled(delivery: Any, on: Any) -> Any:
        setattr(current(), "delivery", delivery.delivery_id)  # noqa: B010
        return handle(delivery, on)

    return [patch.object(module, "event_id", named), patch.object(github_cloud, "handle_delivery", handled)]


def comment_known_by_its_delivery() -> Patches:
    """a command is known by the delivery that told of it, not by the comment"""
    return _named_by_the_delivery(commenting, 1)


def pull_request_known_by_its_delivery() -> Patches:
    """a head of a pull request is known by the delivery that told of it"""
    return _named_by_the_delivery(checking, 1)


def push_known_by_its_delivery() -> Patches:
    """a push is known by the delivery that told of it"""
    return _named_by_the_delivery(following, 1)


def reconcile_under_ids_of_its_own() -> Patches:
    """what the hourly look finds is tried as something new, whatever was heard since"""

    def handled(delivery: Any, on: Any) -> Any:
        if delivery.delivery_id.startswith("reconcile-"):
            digest = hashlib.sha256(delivery.delivery_id.encode()).hexdigest()
            with patch.object(checking, "event_id", lambda *given: f"{real(*given)}-{digest[:8]}"):
                return handle(delivery, on)
        return handle(delivery, on)

    real, handle = checking.event_id, github_cloud.handle_delivery
    return [patch.object(github_cloud, "handle_delivery", handled)]


def reconcile_believes_the_deliveries() -> Patches:
    """the hourly look asks only which deliveries failed: what GitHub never told is never found"""

    def looks(on: Any) -> Any:
        for look in real(on):
            if look.func is reconciling._failed:
                yield look

    real = reconciling._looks
    return [patch.object(reconciling, "_looks", looks)]


def delivery_claimed_first() -> Patches:
    """a delivery is claimed by its id when it comes, and whoever finds it claimed lets it be"""
    real = github_cloud.handle_delivery

    def handle(delivery: Any, on: Any) -> Any:
        name = handling.delivery_event_id(delivery.delivery_id)
        known = on.ledger.event(name)
        if known is not None:
            return known
        on.record(name, handling.EVENT, delivery.repository, outcome="accepted", reason="")
        return handling._handle(delivery, on) if delivery.told else real(delivery, on)

    def tolerant(delivery: Any, on: Any) -> Any:
        try:
            return handle(delivery, on)
        except (handling.Ignored, handling.PermanentError):
            return None

    return [patch.object(github_cloud, "handle_delivery", tolerant)]


def wish_recorded_before_it_is_sent() -> Patches:
    """what came of a comment is recorded before its wish is on the bus"""
    real = commenting.take_comment

    def take(delivery: Any, told: Any, on: Any) -> Any:
        asked = commenting.event_id("comment", delivery.repository.casefold(), told.comment_id)
        if on.ledger.event(asked) is not None:
            return on.ledger.event(asked)
        from dataclasses import replace

        waiting: list[Any] = []
        record = real(delivery, told, replace(on, events=_Later(on.events, waiting)))
        for event in waiting:
            on.events.publish(event)
        return record

    return [patch.dict(handling.HANDLERS, {handling.CommentTold: take})]


class _Later:
    """A bus whose events wait."""

    def __init__(self, _real: Any, waiting: list[Any]) -> None:
        self._waiting = waiting

    def publish(self, event: Any) -> None:
        self._waiting.append(event)


def anybody_may_command() -> Patches:
    """nobody asks whether the author of a command may push"""
    from tests.fakes.memory_github import MemoryGitHub

    return [patch.object(MemoryGitHub, "may_write", lambda *_: True)]


def forks_are_run() -> Patches:
    """a pull request is run wherever its head comes from"""
    return [patch.object(checking, "_from_fork", lambda *_: False)]


def pull_request_asked_for_before_it_is_known() -> Patches:
    """a head that was checked is checked again"""
    real = checking._check
    return [
        patch.object(
            handling,
            "check_pull_request",
            lambda repository, number, on: _check_again(real, repository, number, on),
        )
    ]


def _check_again(check: Any, repository: str, number: int, on: Any) -> Any:
    from dataclasses import replace

    request = on.github.pull_request(repository, number)
    proposal = checking.propose(repository, request, on.settings)
    why_not = checking.ignored(repository, request, on.settings)
    if why_not:
        return checking._outcome(proposal, on, why_not, recorded=False)
    again = replace(proposal, event_id=f"{proposal.event_id}.{next(_number)}")
    return check(again if on.ledger.event(proposal.event_id) else proposal, on)
