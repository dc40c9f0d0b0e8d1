"""Finds what GitHub told and nobody heard: it never delivers again by itself.

Three looks, cheapest first: is the head of each connected branch what was taken in last, was the head of each
open pull request checked, which deliveries failed (GitHub keeps them for three days). What was missed goes
on the same queue, where it is the same event as if it had been heard: nothing happens twice.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pydantic import ValidationError

from sluiceway.clock import timestamp, utc_now
from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable
from sluiceway.gateways.github import GitHub, ListedDelivery, SentPayload
from sluiceway.gateways.github_rest import RateLimited
from sluiceway.gateways.ledger import EventRecord, Ledger
from sluiceway.gateways.queues import Queue
from sluiceway.github.check_pull_request import ignored, propose
from sluiceway.github.contracts import Delivery, PullRequestTold, PushTold, ReconcileGitHubOutput, Told
from sluiceway.github.handle_delivery import EVENT
from sluiceway.github.names import HEADS, NO_COMMIT, delivery_event_id
from sluiceway.github.read_payload import READERS, IgnoredPayload, read_told
from sluiceway.github.receive_webhook import read_delivery
from sluiceway.github.settings import GitHubSettings

LOOK_BACK = timedelta(days=3)
"""How long GitHub keeps deliveries ("Viewing webhook deliveries")."""
APP_HOOK = "app/hook"


@dataclass(frozen=True, kw_only=True)
class Reconciling:
    """The outside world of `reconcile_github`."""

    ledger: Ledger
    github: GitHub
    settings: GitHubSettings
    queue: Queue
    is_app: bool
    """Whether the stage is connected as an App, which has one hook for all repositories."""
    now: Callable[[], str] = utc_now


def reconcile_github(on: Reconciling) -> ReconcileGitHubOutput:
    """Queue what was missed. One repository that cannot be read stops no other; then `ServiceUnavailable`."""
    missed: list[str] = []
    problems: list[str] = []
    for look in _looks(on):
        try:
            for delivery in look():
                on.queue.send(delivery)
                missed.append(f"{delivery.repository}: {delivery.told.kind}")
        except RateLimited:
            raise
        except (PermanentError, ServiceUnavailable) as error:
            problems.append(str(error))
    if problems:
        raise ServiceUnavailable(f"{len(missed)} missed deliveries were queued, but: {'; '.join(problems)}")
    return ReconcileGitHubOutput(repositories=len(on.settings.repositories), missed=tuple(missed))


Look = Callable[[], Iterator[Delivery]]


def _looks(on: Reconciling) -> Iterator[Look]:
    for name, connected in on.settings.repositories.items():
        for branch in connected.branches:
            yield partial(_branch, name, branch, on)
        yield partial(_pull_requests, name, on)
        if connected.hook_id is not None:
            yield partial(_failed, f"repos/{name}/hooks/{connected.hook_id}", on)
    if on.is_app and on.settings.repositories:
        yield partial(_failed, APP_HOOK, on)


def _branch(repository: str, branch: str, on: Reconciling) -> Iterator[Delivery]:
    head, standing = on.github.head(repository, branch), on.ledger.branch(repository, branch)
    if head is not None and (standing is None or standing.sha != head):
        before = standing.sha if standing else NO_COMMIT
        yield _found(repository, PushTold(ref=f"{HEADS}{branch}", before=before, after=head), on)


def _pull_requests(repository: str, on: Reconciling) -> Iterator[Delivery]:
    for request in on.github.open_pull_requests(repository):
        if ignored(repository, request, on.settings) is not None:
            continue
        if on.ledger.event(propose(repository, request, on.settings).event_id) is None:
            yield _found(repository, PullRequestTold(action="synchronize", number=request.number), on)


def _found(repository: str, told: Told, on: Reconciling) -> Delivery:
    """A delivery of our own making: another one each hour, for as long as it is not taken in."""
    now = on.now()
    digest = hashlib.sha256(f"{repository}\n{told.model_dump_json()}\n{now[:13]}".encode()).hexdigest()
    return Delivery(
        delivery_id=f"reconcile-{digest[:32]}", repository=repository, sender="", received_at=now, told=told
    )


def _failed(hook: str, on: Reconciling) -> Iterator[Delivery]:
    """What GitHub could not deliver in any attempt, oldest first, where it means anything here."""
    for listed in reversed(_undelivered(on.github.deliveries(hook), now=on.now())):
        if on.ledger.event(delivery_event_id(listed.guid)) is not None:
            continue
        delivery = _sent(hook, listed, on)
        if delivery is not None:
            yield delivery


def _undelivered(listed: Iterator[ListedDelivery], *, now: str) -> list[ListedDelivery]:
    """The newest attempt of each delivery that never succeeded."""
    since = timestamp(datetime.fromisoformat(now) - LOOK_BACK)
    newest: dict[str, ListedDelivery] = {}
    succeeded: set[str] = set()
    for each in listed:
        if each.delivered_at < since:
            break
        newest.setdefault(each.guid, each)
        succeeded |= {each.guid} if each.succeeded else set()
    return [each for guid, each in newest.items() if guid not in succeeded and each.event in READERS]


def _sent(hook: str, listed: ListedDelivery, on: Reconciling) -> Delivery | None:
    """What a failed delivery held; one that nothing follows from is recorded, and so not fetched again."""
    try:
        return _read(on.github.sent(hook, listed.id), on.now())
    except (IgnoredPayload, NotFound) as error:
        reason = str(error)
    except ValidationError as error:
        reason = f"the payload is not that of {listed.event}: {error.error_count()} fields are wrong"
    record = EventRecord(
        event_id=delivery_event_id(listed.guid),
        event=EVENT,
        subject=hook,
        outcome="ignored",
        reason=reason,
        recorded_at=on.now(),
    )
    on.ledger.record_event(record)
    return None


def _read(sent: SentPayload, now: str) -> Delivery:
    told = read_told(sent.event, sent.payload)
    return read_delivery(told, sent.payload, delivery_id=sent.guid, received_at=now)
