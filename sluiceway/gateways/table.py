"""The few operations on a table of items that the ledger is built from, and the conditions they know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Item = dict[str, Any]
"""Attributes as plain JSON values; `pk` and `sk` are the key, `kind` and `at` place it in listings."""


@dataclass(frozen=True)
class Test:
    """One test of an attribute: it is absent, equals a value, or sorts before a value, or not before it."""

    __test__ = False  # not a test case of pytest

    attribute: str
    operator: Literal["absent", "=", "<", ">="]
    value: Any = None


Condition = tuple[Test, ...]
"""Holds when one of its tests holds."""

ABSENT: Condition = (Test("pk", "absent"),)
"""There is no such item yet."""


def equals(attribute: str, *values: Any) -> Condition:
    """The attribute equals one of the values."""
    return tuple(Test(attribute, "=", value) for value in values)


def before(attribute: str, value: Any) -> Condition:
    """There is no such item yet, or the attribute sorts before the value."""
    return (*ABSENT, Test(attribute, "<", value))


class Table(Protocol):
    """A table with one global index `by_kind`. Reads by key are consistent; listings may lag behind."""

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, or None."""

    def put(self, item: Item) -> None:
        """Write the item, whatever was there."""

    def put_if(self, item: Item, when: Condition) -> bool:
        """Write the item when the condition holds of what is there; say whether it did."""

    def change(self, pk: str, sk: str, *, values: Item, when: Condition) -> bool:
        """Set some attributes of an existing item when the condition holds; say whether it did."""

    def under(self, pk: str, prefix: str) -> list[Item]:
        """All items of a partition whose sort key starts with the prefix, in its order."""

    def newest(
        self, kind: str, *, where: Mapping[str, str], limit: int | None, at: Test | None = None
    ) -> list[Item]:
        """Items of a kind whose attributes equal `where`, newest `at` first; all when `limit` is None.

        A test of `at` bounds what is looked at; `where` only what of that is given back.
        """
