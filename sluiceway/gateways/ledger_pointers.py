"""The ledger of what is latest: code of a project, version of a dataset. Pointers only move forward."""

from collections.abc import Iterable

from sluiceway.gateways.items import from_item, maybe, to_item, to_listed_item
from sluiceway.gateways.records import Claim, CodePointer, DatasetPointer
from sluiceway.gateways.table import Item, Table, before


class PointerLedger:
    """Code and dataset pointers, who subscribes to which dataset, and datasets that are still settling."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def move_code_pointer(self, pointer: CodePointer) -> Claim:
        """Make this the project's latest code, unless something at least as new stands there."""
        pk = f"PROJECT#{pointer.project}"
        self._table.put(to_item(pk, f"CODE#{pointer.code_version}", pointer))
        item = to_listed_item(pk, "CODE", pointer, kind="PROJECT", at=pointer.moved_at)
        return self._move(item, pointer.order)

    def code_pointer(self, project: str) -> CodePointer | None:
        """The project's latest code."""
        return maybe(CodePointer, self._table.get(f"PROJECT#{project}", "CODE"))

    def code(self, project: str, code_version: str) -> CodePointer | None:
        """A code version of the project, latest or not."""
        return maybe(CodePointer, self._table.get(f"PROJECT#{project}", f"CODE#{code_version}"))

    def projects(self) -> list[CodePointer]:
        """The latest code of every project, most recently pushed first."""
        return [from_item(CodePointer, item) for item in self._all("PROJECT")]

    def move_dataset_pointer(self, pointer: DatasetPointer) -> Claim:
        """Make this the dataset's latest version, unless something at least as new stands there."""
        pk = f"DATASET#{pointer.dataset}"
        self._table.put(to_item(pk, f"VERSION#{pointer.version}", pointer))
        item = to_listed_item(pk, "LATEST", pointer, kind="DATASET", at=pointer.moved_at)
        return self._move(item, pointer.order)

    def dataset_pointer(self, dataset: str) -> DatasetPointer | None:
        """The dataset's latest version."""
        return maybe(DatasetPointer, self._table.get(f"DATASET#{dataset}", "LATEST"))

    def dataset(self, dataset: str, version: str) -> DatasetPointer | None:
        """A version of the dataset, latest or not."""
        return maybe(DatasetPointer, self._table.get(f"DATASET#{dataset}", f"VERSION#{version}"))

    def datasets(self) -> list[DatasetPointer]:
        """The latest version of every dataset, most recently moved first."""
        return [from_item(DatasetPointer, item) for item in self._all("DATASET")]

    def subscribe(self, project: str, datasets: Iterable[str]) -> None:
        """A new version of one of these datasets concerns the project from now on."""
        for dataset in datasets:
            self._table.put({"pk": f"DATASET#{dataset}", "sk": f"PROJECT#{project}", "project": project})

    def subscribers(self, dataset: str) -> list[str]:
        """Projects that have ever named the dataset; their latest code may no longer do so."""
        return [str(item["project"]) for item in self._table.under(f"DATASET#{dataset}", "PROJECT#")]

    def expect_settling(self, dataset: str, token: str) -> None:
        """Something was uploaded: who holds the newest token settles the dataset."""
        self._table.put({"pk": f"DATASET#{dataset}", "sk": "PENDING", "token": token})

    def is_settling(self, dataset: str, token: str) -> bool:
        """Whether the token is still the newest."""
        item = self._table.get(f"DATASET#{dataset}", "PENDING")
        return item is not None and item["token"] == token

    def _move(self, item: Item, order: str) -> Claim:
        if self._table.put_if(item, before("order", order)):
            return Claim.WON
        standing = self._table.get(item["pk"], item["sk"])
        same = standing is not None and standing["event_id"] == item["event_id"]
        return Claim.MINE if same else Claim.THEIRS

    def _all(self, kind: str) -> list[Item]:
        return self._table.newest(kind, where={}, limit=None)
