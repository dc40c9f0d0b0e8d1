"""The ledger of code: the latest of each project, and every earlier version. Pointers only move forward."""

from sluiceway.gateways.items import from_item, maybe, to_item, to_listed_item
from sluiceway.gateways.records import Claim, CodePointer
from sluiceway.gateways.table import Item, Table, before


class PointerLedger:
    """Code pointers."""

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

    def is_retired(self, project: str) -> bool:
        """Whether nothing starts runs of the project by itself any more."""
        latest = self.code_pointer(project)
        return latest is not None and latest.retired is not None

    def code(self, project: str, code_version: str) -> CodePointer | None:
        """A code version of the project, latest or not."""
        return maybe(CodePointer, self._table.get(f"PROJECT#{project}", f"CODE#{code_version}"))

    def codes(self, project: str, prefix: str = "") -> list[CodePointer]:
        """Code versions of the project whose hash starts with `prefix`."""
        found = self._table.under(f"PROJECT#{project}", f"CODE#{prefix}")
        return [from_item(CodePointer, item) for item in found]

    def projects(self) -> list[CodePointer]:
        """The latest code of every project, most recently pushed first."""
        return [from_item(CodePointer, item) for item in self._all("PROJECT")]

    def _move(self, item: Item, order: str) -> Claim:
        if self._table.put_if(item, before("order", order)):
            return Claim.WON
        standing = self._table.get(item["pk"], item["sk"])
        same = standing is not None and standing["event_id"] == item["event_id"]
        return Claim.MINE if same else Claim.THEIRS

    def _all(self, kind: str) -> list[Item]:
        return self._table.newest(kind, where={}, limit=None)
