"""The ledger's table in memory, watched: each write is held against what stood there before."""

from collections.abc import Callable
from typing import Any

from sluiceway.gateways.table import Condition, Item
from tests.fakes.ledger import MemoryTable, _holds

Key = tuple[str, str]
Watch = Callable[[Key, Item | None, Item], None]
"""Called with a key, what stood there, and what stands there now."""

LAG = 2.0
"""seconds: usually less than one, says AWS"""


class _WatchedItems(dict[Key, Item]):
    """Whatever operation writes, and however it was added later, it is seen here."""

    def __init__(self, watch: Watch, clock: Callable[[], float]) -> None:
        super().__init__()
        self._watch, self._clock = watch, clock
        self.written: dict[Key, float] = {}
        self.past: dict[Key, Item | None] = {}

    def __setitem__(self, key: Key, item: Item) -> None:
        before = self.get(key)
        self.past[key] = before
        self.written[key] = self._clock()
        super().__setitem__(key, item)
        self._watch(key, before, item)


class WatchedTable(MemoryTable):
    """`MemoryTable` without deep copies: contracts are frozen, so nobody changes what lies inside an item."""

    def __init__(self, watch: Watch, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self.items: Any = _WatchedItems(watch, clock)

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, as a consistent read finds it."""
        item = self.items.get((pk, sk))
        return None if item is None else dict(item)

    def stale(self, pk: str, sk: str) -> Item | None:
        """What an eventually consistent read may find: for a while, the item before its last write."""
        is_old = self._clock() - self.items.written.get((pk, sk), 0.0) > LAG
        item = (self.items if is_old else self.items.past).get((pk, sk))
        return None if item is None else dict(item)

    def put(self, item: Item) -> None:
        """Write the item, whatever was there."""
        self.items[item["pk"], item["sk"]] = dict(item)

    def put_if(self, item: Item, when: Condition) -> bool:
        """Write the item when the condition holds."""
        if not _holds(when, self.items.get((item["pk"], item["sk"]))):
            return False
        self.put(item)
        return True

    def change(self, pk: str, sk: str, *, values: Item, when: Condition) -> bool:
        """Set some attributes when the condition holds."""
        before = self.items.get((pk, sk))
        if before is None or not _holds(when, before):
            return False
        self.items[pk, sk] = {**before, **values}
        return True
