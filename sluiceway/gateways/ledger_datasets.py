"""The ledger of datasets: the latest version and all earlier ones, who subscribes, and what is settling.

DATASET#<dataset>  LATEST                 the latest version
                   LOG#<since when>       each earlier one, in the order in which they were the latest
                   VERSION#<version>      each version, however often it was the latest
                   PROJECT#<project>      a subscription
                   PENDING                what was uploaded since, and the timer that looks at it
                   DIGEST#<object>        what an object hashes to that had to be read for it
"""

import hashlib
from collections.abc import Iterable

from sluiceway.datasets.contracts import ContentDigest
from sluiceway.datasets.pending import PendingDataset
from sluiceway.gateways.items import attributes, from_item, maybe, to_item, to_listed_item
from sluiceway.gateways.records import Claim, DatasetPointer
from sluiceway.gateways.table import ABSENT, Table, Test, equals


class DatasetLedger:
    """Dataset pointers and their past, subscriptions, and datasets that are still settling."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def move_dataset_pointer(self, pointer: DatasetPointer) -> Claim:
        """Make this the dataset's latest version, unless something at least as new stands there."""
        while True:
            standing = self.dataset_pointer(pointer.dataset)
            if standing is not None and standing.event_id == pointer.event_id:
                return Claim.MINE
            if standing is not None and standing.order >= pointer.order:
                return Claim.THEIRS
            if self.replace_dataset_pointer(pointer, standing=standing):
                return Claim.WON

    def replace_dataset_pointer(self, pointer: DatasetPointer, *, standing: DatasetPointer | None) -> bool:
        """Make this the latest version in place of `standing`, and of nothing else; say whether it is now.

        What stood there is written to the log before: whoever dies in between leaves no gap.
        """
        pk = f"DATASET#{pointer.dataset}"
        self._table.put(to_item(pk, f"VERSION#{pointer.version}", pointer))
        if standing is not None:
            self._table.put(to_item(pk, f"LOG#{standing.moved_at}", standing))
        item = to_listed_item(pk, "LATEST", pointer, kind="DATASET", at=pointer.moved_at)
        if self._table.put_if(item, equals("order", standing.order) if standing else ABSENT):
            return True
        found = self.dataset_pointer(pointer.dataset)
        return found is not None and found.event_id == pointer.event_id

    def confirm_dataset(self, standing: DatasetPointer, confirmed: DatasetPointer) -> bool:
        """A newer listing found the same version; `confirmed` is `standing` with what that changes.

        Older listings must not replace it any more. Says whether it stands.
        """
        pk = f"DATASET#{standing.dataset}"
        values = attributes(confirmed)
        if self._table.change(pk, "LATEST", values=values, when=equals("order", standing.order)):
            return True
        return self.dataset_pointer(standing.dataset) == confirmed

    def dataset_pointer(self, dataset: str) -> DatasetPointer | None:
        """The dataset's latest version."""
        return maybe(DatasetPointer, self._table.get(f"DATASET#{dataset}", "LATEST"))

    def dataset(self, dataset: str, version: str) -> DatasetPointer | None:
        """A version of the dataset, latest or not."""
        return maybe(DatasetPointer, self._table.get(f"DATASET#{dataset}", f"VERSION#{version}"))

    def dataset_versions(self, dataset: str, prefix: str = "") -> list[DatasetPointer]:
        """Versions of the dataset whose hash starts with `prefix`, each once."""
        found = self._table.under(f"DATASET#{dataset}", f"VERSION#{prefix}")
        return [from_item(DatasetPointer, item) for item in found]

    def dataset_log(self, dataset: str) -> list[DatasetPointer]:
        """What was the latest version, newest first: A, then B, then A again are three."""
        earlier = [from_item(DatasetPointer, i) for i in self._table.under(f"DATASET#{dataset}", "LOG#")]
        latest = self.dataset_pointer(dataset)
        # Who replaces the latest version writes it to the log first.
        past = [each for each in earlier if latest is None or each.moved_at != latest.moved_at]
        return [*([latest] if latest else []), *reversed(past)]

    def datasets(self) -> list[DatasetPointer]:
        """The latest version of every dataset, most recently moved first."""
        return [from_item(DatasetPointer, i) for i in self._table.newest("DATASET", where={}, limit=None)]

    def subscribe(self, project: str, datasets: Iterable[str]) -> None:
        """A new version of one of these datasets concerns the project from now on."""
        for dataset in datasets:
            self._table.put({"pk": f"DATASET#{dataset}", "sk": f"PROJECT#{project}", "project": project})

    def subscribers(self, dataset: str) -> list[str]:
        """Projects that have ever named the dataset; their latest code may no longer do so."""
        return [str(item["project"]) for item in self._table.under(f"DATASET#{dataset}", "PROJECT#")]

    def pending_dataset(self, dataset: str) -> PendingDataset | None:
        """What was uploaded since the dataset was last listed, and who will look."""
        item = self._table.get(f"DATASET#{dataset}", "PENDING")
        if item is not None and "revision" not in item:
            # Of a release in which each upload sent a message of its own.
            return PendingDataset(dataset=dataset, timer=str(item["token"]))
        return maybe(PendingDataset, item)

    def move_pending_dataset(self, wanted: PendingDataset, *, seen: PendingDataset | None) -> bool:
        """Write what follows from `seen` unless something else was written since; say whether it stands."""
        item = to_item(f"DATASET#{wanted.dataset}", "PENDING", wanted)
        known = seen is not None and seen.revision
        when = equals("revision", known) if known else (Test("revision", "absent"),)
        if self._table.put_if(item, when):
            return True
        standing = self.pending_dataset(wanted.dataset)
        return standing is not None and standing.revision == wanted.revision

    def note_settled(self, event_id: str, led_to: str) -> None:
        """What an upload led to: the settling of its dataset; and that: an event on the bus."""
        self._table.put({"pk": f"EVENT#{event_id}", "sk": "SETTLED", "settled": led_to})

    def settled_after(self, event_id: str) -> str | None:
        """Id of the settling whose newest upload this was, or of what a settling told."""
        item = self._table.get(f"EVENT#{event_id}", "SETTLED")
        return None if item is None else str(item["settled"])

    def content_digest(self, dataset: str, key: str, version_id: str) -> ContentDigest | None:
        """What an object hashes to, where it was once read for that."""
        return maybe(ContentDigest, self._table.get(f"DATASET#{dataset}", _digest_key(key, version_id)))

    def record_content_digest(self, dataset: str, key: str, version_id: str, found: ContentDigest) -> None:
        """Keep what an object hashes to: a version of an object never changes."""
        self._table.put(to_item(f"DATASET#{dataset}", _digest_key(key, version_id), found))


def _digest_key(key: str, version_id: str) -> str:
    return f"DIGEST#{hashlib.sha256(f'{key}/{version_id}'.encode()).hexdigest()}"
