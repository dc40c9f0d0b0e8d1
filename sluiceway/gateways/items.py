"""How records become items of the ledger's table and back."""

from typing import TypeVar

from sluiceway.contract import Contract
from sluiceway.gateways.table import Item

Record = TypeVar("Record", bound=Contract)


def to_item(pk: str, sk: str, record: Contract) -> Item:
    """An item that no listing shows."""
    return {"pk": pk, "sk": sk} | attributes(record)


def to_listed_item(pk: str, sk: str, record: Contract, *, kind: str, at: str) -> Item:
    """An item that the listing of `kind` shows at the time `at`."""
    return to_item(pk, sk, record) | {"kind": kind, "at": at}


def attributes(record: Contract) -> Item:
    """The record's fields that are known."""
    return record.model_dump(mode="json", exclude_none=True)


def from_item(model: type[Record], item: Item) -> Record:
    """The record in an item; attributes that this version of the code does not know are left out."""
    return model.model_validate({name: item[name] for name in model.model_fields if name in item})


def maybe(model: type[Record], item: Item | None) -> Record | None:
    """The record in an item, where there is an item."""
    return None if item is None else from_item(model, item)
