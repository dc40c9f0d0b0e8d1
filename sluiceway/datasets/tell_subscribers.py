"""Tells every project that waits for a dataset that it cannot be used: by one failed run for each cause.

What a message found wrong is kept before anybody is told: where its worker is killed, and something else lies
there when the message comes again, it tells to the end what it had begun to tell.
"""

from itertools import filterfalse

from sluiceway.contract import Contract
from sluiceway.datasets.contracts import ObjectVersion, SettleDatasetInput
from sluiceway.datasets.listing import Listing, settled, settled_id
from sluiceway.datasets.manifest import state_of
from sluiceway.datasets.settling import Settling
from sluiceway.gateways.ledger import EventRecord
from sluiceway.gateways.records import Outcome
from sluiceway.reasons import Reason
from sluiceway.triggers.contracts import DatasetIncomplete
from sluiceway.triggers.refuse_run import refuse_run


class FoundWrong(Contract):
    """What a message has found wrong with a dataset."""

    event_id: str
    """That the failed runs name as their event."""
    outcome: Outcome
    reason: Reason
    missing: int = 0


def tell_refused(listing: Listing, reason: str, on: Settling) -> EventRecord:
    """What lies there is told once, whichever message finds it first."""
    found = FoundWrong(event_id=f"{listing.state}.refused", outcome="refused", reason=reason)
    return _tell(listing.given, on.ledger.hold(settled_id(listing.given), found), on)


def tell_incomplete(
    listing: Listing, manifest: ObjectVersion, reason: str, *, missing: int, on: Settling
) -> EventRecord:
    """A manifest whose deadline has passed is told once, also to whoever listens on the bus."""
    event_id = f"{state_of(listing.dataset, [manifest])}.incomplete"
    found = FoundWrong(event_id=event_id, outcome="incomplete", reason=reason, missing=missing)
    return _tell(listing.given, on.ledger.hold(settled_id(listing.given), found), on)


def tell_to_the_end(given: SettleDatasetInput, on: Settling) -> EventRecord | None:
    """What the message began to tell when it came before; None: nothing."""
    found = on.ledger.held(settled_id(given), FoundWrong)
    return None if found is None else _tell(given, found, on)


def _tell(given: SettleDatasetInput, found: FoundWrong, on: Settling) -> EventRecord:
    if on.ledger.event(found.event_id) is None:
        _fail_runs(given, found, on)
        if found.outcome == "incomplete":
            on.events.publish(_incomplete(given, found))
        _record(given, found, on)
    return settled(given, found.outcome, found.reason, at=on.now())


def _fail_runs(given: SettleDatasetInput, found: FoundWrong, on: Settling) -> None:
    for project in filterfalse(on.ledger.is_retired, on.ledger.subscribers(given.dataset)):
        refuse_run(
            project,
            event_id=found.event_id,
            reason=found.reason,
            trigger=given.trigger,
            at=on.now(),
            ledger=on.ledger,
            events=on.events,
        )


def _incomplete(given: SettleDatasetInput, found: FoundWrong) -> DatasetIncomplete:
    return DatasetIncomplete(
        event_id=found.event_id, dataset=given.dataset, missing=found.missing, reason=found.reason
    )


def _record(given: SettleDatasetInput, found: FoundWrong, on: Settling) -> None:
    """Under the id that the failed runs name as their event."""
    on.ledger.record_event(
        EventRecord(
            event_id=found.event_id,
            event="DatasetRefused" if found.outcome == "refused" else "DatasetIncomplete",
            subject=given.dataset,
            outcome=found.outcome,
            reason=found.reason,
            dataset=given.dataset,
            recorded_at=on.now(),
        )
    )
