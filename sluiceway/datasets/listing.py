"""One look at a dataset: what was asked, what was found, and what stands in the ledger."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.datasets.contracts import ObjectVersion, SettleDatasetInput
from sluiceway.datasets.manifest import state_of
from sluiceway.gateways.ledger import DatasetPointer
from sluiceway.gateways.records import EventRecord, Outcome

_SETTLED = ".settled"


@dataclass(frozen=True)
class Listing:
    """What a version is made of."""

    given: SettleDatasetInput
    order: str
    """Sorts listings as they began."""
    upload: str | None
    """Event of the newest upload that was noted before."""
    versions: Sequence[ObjectVersion]
    before: DatasetPointer | None
    """The latest version."""

    @property
    def dataset(self) -> str:
        """Its name."""
        return self.given.dataset

    @property
    def state(self) -> str:
        """Id of what lies there."""
        return state_of(self.dataset, self.versions)


def settled_id(given: SettleDatasetInput) -> str:
    """Id of the event that the dataset has settled: equal for each delivery of the message."""
    return f"{given.token}{_SETTLED}"


def announced_id(given: SettleDatasetInput, order: str) -> str:
    """Id under which a version is told: of a message that lists twice, each listing's is another."""
    return f"{settled_id(given)}.{hashlib.sha256(order.encode()).hexdigest()[:8]}"


def settling_of(event_id: str) -> str:
    """Id of the settling that told a version under `event_id`; earlier releases gave both the same."""
    return event_id if event_id.endswith(_SETTLED) else event_id.rpartition(".")[0]


def settled(given: SettleDatasetInput, outcome: Outcome, reason: str, *, at: str) -> EventRecord:
    """How a message ended, ready to be recorded."""
    return EventRecord(
        event_id=settled_id(given),
        event="DatasetSettled",
        subject=given.dataset,
        outcome=outcome,
        reason=reason,
        dataset=given.dataset,
        recorded_at=at,
    )
