"""A query that made no data is shown to every project that waits for it, as a failed run."""

from itertools import filterfalse

from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Ledger
from sluiceway.triggers.contracts import Trigger
from sluiceway.triggers.refuse_run import refuse_run


def refuse_query(
    dataset: str, *, event_id: str, reason: str, trigger: Trigger, at: str, ledger: Ledger, events: Events
) -> None:
    """A failed run with the reason for each subscriber that is not retired; the dataset stays as it was."""
    for project in filterfalse(ledger.is_retired, ledger.subscribers(dataset)):
        refuse_run(
            project,
            event_id=event_id,
            reason=f"the query of the dataset {dataset!r}: {reason}",
            trigger=trigger,
            at=at,
            ledger=ledger,
            events=events,
        )
