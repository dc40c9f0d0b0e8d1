"""What was found wrong in a history, and ways to look at its ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sluiceway.gateways.table import Item
from tests.proofs.invariant_names import Violation

if TYPE_CHECKING:
    from tests.proofs.cloud import SimulatedCloud


class Found:
    """What was found wrong in one cloud, and what that is found with."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud
        self.found: list[Violation] = []
        self.moment = 0
        """Counts writes: what comes before what."""
        self.states: dict[str, str] = {}
        """By event: what lay in the dataset's folder."""
        self._noted: dict[str, list[tuple[int, float]]] = defaultdict(list)
        """Of a dataset's uploads since the last version: when each was recorded, and when that began."""
        self._subscribers: dict[str, set[str]] = defaultdict(set)
        """Of each event on the bus: the projects that it concerned when it was published."""
        self._contents: dict[tuple[str, str], Any] = {}

    def say(self, name: str, what: str) -> None:
        """Something does not hold."""
        self.found.append(Violation(name, what))

    def check(self) -> None:
        """Raise the first violation there is."""
        if self.found:
            raise self.found[0]

    def _runs(self) -> Iterator[Item]:
        return (item for (_, sk), item in self._cloud.table.items.items() if sk == "RUN")

    def _events(self) -> Iterator[Item]:
        return (item for (_, sk), item in self._cloud.table.items.items() if sk == "EVENT")

    def _item(self, pk: str, sk: str) -> Item | None:
        found: Item | None = self._cloud.table.items.get((pk, sk))
        return found
