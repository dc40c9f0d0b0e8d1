"""Tells every project that waits for a dataset that it cannot be used: by one failed run for each cause."""

from sluiceway.datasets.contracts import ObjectVersion
from sluiceway.datasets.listing import Listing
from sluiceway.datasets.manifest import state_of
from sluiceway.datasets.settling import Settling
from sluiceway.gateways.ledger import EventRecord
from sluiceway.gateways.records import Outcome
from sluiceway.triggers.contracts import DatasetIncomplete
from sluiceway.triggers.refuse_run import refuse_run


def tell_refused(listing: Listing, reason: str, on: Settling) -> None:
    """What lies there is told once, whichever message finds it first."""
    event_id = f"{listing.state}.refused"
    if on.ledger.event(event_id) is None:
        _tell(listing, event_id, reason, on)
        _record(listing, event_id, "refused", reason, on)


def tell_incomplete(
    listing: Listing, manifest: ObjectVersion, reason: str, *, missing: int, on: Settling
) -> None:
    """A manifest whose deadline has passed is told once, also to whoever listens on the bus."""
    event_id = f"{state_of(listing.dataset, [manifest])}.incomplete"
    if on.ledger.event(event_id) is None:
        _tell(listing, event_id, reason, on)
        on.events.publish(
            DatasetIncomplete(event_id=event_id, dataset=listing.dataset, missing=missing, reason=reason)
        )
        _record(listing, event_id, "incomplete", reason, on)


def _tell(listing: Listing, event_id: str, reason: str, on: Settling) -> None:
    for project in on.ledger.subscribers(listing.dataset):
        refuse_run(
            project,
            event_id=event_id,
            reason=reason,
            trigger=listing.given.trigger,
            at=on.now(),
            ledger=on.ledger,
            events=on.events,
        )


def _record(listing: Listing, event_id: str, outcome: Outcome, reason: str, on: Settling) -> None:
    """Under the id that the failed runs name as their event."""
    on.ledger.record_event(
        EventRecord(
            event_id=event_id,
            event="DatasetRefused" if outcome == "refused" else "DatasetIncomplete",
            subject=listing.dataset,
            outcome=outcome,
            reason=reason,
            dataset=listing.dataset,
            recorded_at=on.now(),
        )
    )
