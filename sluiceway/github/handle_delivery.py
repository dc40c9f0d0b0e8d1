"""Handles a delivery that was verified: a push, a pull request, a release, a dispatch, a command.

Two claims make it happen once: what was delivered is known by GitHub's id of the delivery, and what follows
from it by what it is about (repository, event, commit). Both are recorded last: what broke off is done again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sluiceway.errors import LostRace, PermanentError
from sluiceway.gateways.records import EventRecord
from sluiceway.github.check_pull_request import check_pull_request
from sluiceway.github.contracts import (
    CommentTold,
    Delivery,
    DispatchTold,
    PullRequestTold,
    PushTold,
    ReleaseTold,
)
from sluiceway.github.follow_branch import follow_branch
from sluiceway.github.handling import Handling
from sluiceway.github.names import HEADS, NO_COMMIT, delivery_event_id, event_id
from sluiceway.github.read_payload import EDITED
from sluiceway.github.take_comment import take_comment
from sluiceway.github.take_dispatch import take_dispatch
from sluiceway.github.take_release import take_release

EVENT = "GitHubDelivered"
PULL_REQUEST_ACTIONS = frozenset({"opened", "synchronize", "reopened", "ready_for_review", EDITED})


class Ignored(Exception):
    """A delivery that nothing follows from; the message says why."""


def handle_delivery(delivery: Delivery, on: Handling) -> EventRecord:
    """Work off a delivery and record how it ended; raises `TransientError` to be tried again."""
    name = delivery_event_id(delivery.delivery_id)
    known = on.ledger.event(name)
    if known is not None:
        return known
    try:
        record = _handle(delivery, on)
        outcome, reason = record.outcome, f"{record.event}: {record.reason} ({record.event_id})"
    except Ignored as ignored:
        outcome, reason = "ignored", str(ignored)
    except PermanentError as error:
        outcome, reason = "refused", str(error)
    return on.record(name, EVENT, delivery.repository, outcome=outcome, reason=reason)


def _handle(delivery: Delivery, on: Handling) -> EventRecord:
    if on.settings.repository(delivery.repository) is None:
        raise Ignored(f"{delivery.repository} is not connected")
    return HANDLERS[type(delivery.told)](delivery, delivery.told, on)


def _push(delivery: Delivery, told: PushTold, on: Handling) -> EventRecord:
    connected = on.settings.repository(delivery.repository)
    branch = told.ref.removeprefix(HEADS)
    if connected is None or not told.ref.startswith(HEADS) or branch not in connected.branches:
        raise Ignored(f"{told.ref!r} is not a branch that is connected")
    if told.after == NO_COMMIT:
        raise Ignored(f"{told.ref!r} was deleted: what it brought before stays")
    record = follow_branch(delivery.repository, branch, on)
    _await_head(delivery.repository, branch, told, on)
    return record


def _await_head(repository: str, branch: str, told: PushTold, on: Handling) -> None:
    """GitHub may tell of a push before each of its servers knows of it: then look again later, once."""
    standing = on.ledger.branch(repository, branch)
    claim = event_id("awaited", repository.casefold(), branch, told.before, told.after)
    if standing is None or standing.sha != told.before or on.ledger.event(claim) is not None:
        return
    on.record(claim, "HeadAwaited", f"{repository}@{branch}"[:512], outcome="waiting", reason=told.after[:12])
    raise LostRace(f"{repository}: {branch} has not moved yet, but GitHub says that it will have")


def _pull_request(delivery: Delivery, told: PullRequestTold, on: Handling) -> EventRecord:
    if told.action not in PULL_REQUEST_ACTIONS:
        raise Ignored(f"a pull request was {told.action}: nothing follows from that")
    return check_pull_request(delivery.repository, told.number, on)


HANDLERS: Mapping[type, Callable[[Delivery, Any, Handling], EventRecord]] = {
    PushTold: _push,
    PullRequestTold: _pull_request,
    ReleaseTold: take_release,
    DispatchTold: take_dispatch,
    CommentTold: take_comment,
}
"""By what was told."""
