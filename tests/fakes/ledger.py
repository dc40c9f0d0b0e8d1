"""The ledger on a table in memory."""

import copy
import operator
from collections.abc import Mapping

from sluiceway.gateways.ledger import Ledger
from sluiceway.gateways.table import Condition, Item, Test


class MemoryTable:
    """A `Table` in memory.

    `lost_answers` lists operations whose next call works but reports a failed condition, as a retry after a
    lost answer does.
    """

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.lost_answers: list[str] = []

    def get(self, pk: str, sk: str) -> Item | None:
        return copy.deepcopy(self.items.get((pk, sk)))

    def put(self, item: Item) -> None:
        self.items[item["pk"], item["sk"]] = copy.deepcopy(item)

    def put_if(self, item: Item, when: Condition) -> bool:
        if not _holds(when, self.items.get((item["pk"], item["sk"]))):
            return False
        self.put(item)
        return self._answered("put_if")

    def change(self, pk: str, sk: str, *, values: Item, when: Condition) -> bool:
        if (pk, sk) not in self.items or not _holds(when, self.items[pk, sk]):
            return False
        self.items[pk, sk].update(copy.deepcopy(values))
        return self._answered("change")

    def under(self, pk: str, prefix: str) -> list[Item]:
        keys = sorted(key for key in self.items if key[0] == pk and key[1].startswith(prefix))
        return [copy.deepcopy(self.items[key]) for key in keys]

    def newest(
        self, kind: str, *, where: Mapping[str, str], limit: int | None, at: Test | None = None
    ) -> list[Item]:
        wanted = {"kind": kind, **where}
        found = [item for item in self.items.values() if wanted.items() <= item.items()]
        found = [item for item in found if at is None or _test(at, item)]
        return copy.deepcopy(sorted(found, key=lambda item: str(item["at"]), reverse=True)[:limit])

    def _answered(self, operation: str) -> bool:
        if operation in self.lost_answers:
            self.lost_answers.remove(operation)
            return False
        return True


def memory_ledger() -> Ledger:
    """A ledger that forgets everything when it goes."""
    return Ledger(MemoryTable())


def _holds(when: Condition, item: Item | None) -> bool:
    return any(_test(test, item or {}) for test in when)


def _test(test: Test, item: Item) -> bool:
    if test.operator == "absent":
        return test.attribute not in item
    if test.attribute not in item:
        return False
    return bool(_OPERATORS[test.operator](item[test.attribute], test.value))


_OPERATORS = {"=": operator.eq, "<": operator.lt, ">=": operator.ge}
