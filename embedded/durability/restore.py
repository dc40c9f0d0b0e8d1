"""Puts back what was saved, service by service, through MiniStack's own way of loading."""

import itertools
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded.durability import catalog
from embedded.durability.codecs import Codec
from embedded.durability.encoding import key_of, load
from embedded.durability.store import Row, StateUnreadable, Store

logger = logging.getLogger(__name__)

DELIVERIES = "deliveries"


@dataclass(frozen=True)
class Saved:
    """What was on disk at the start, decoded; and codecs that remember it as written."""

    entries: Mapping[str, Mapping[Any, Any]]
    """By collection, then by key."""
    codecs: Mapping[str, Codec] = field(default_factory=dict)

    def of(self, service: str) -> dict[str, Mapping[Any, Any]]:
        """The collections of a service, by the names that it gives them."""
        found = ((name.partition("."), each) for name, each in self.entries.items())
        return {name: each for (owner, _, name), each in found if owner == service}


def read(store: Store) -> Saved:
    """Decode everything; raises StateUnreadable."""
    entries, codecs = {}, {}
    for name in store.collections():
        codecs[name] = catalog.codec_of(name)
        entries[name] = dict(_entries(store, name, codecs[name]))
    return Saved(entries, codecs)


def put_back(saved: Saved, modules: Mapping[str, str], import_module: Any) -> None:
    """Give every service what was saved of it; raises StateUnreadable where one cannot take it."""
    for service, module_name in modules.items():
        found = saved.of(service)
        if not found:
            continue
        try:
            _load(service, import_module(module_name), found)
        except Exception as error:
            raise StateUnreadable(
                f"what was saved of {service} cannot be put back ({type(error).__name__}: {error}). "
                "Bring back a snapshot with `sluice local restore NAME`, or remove the state folder "
                "and deploy anew"
            ) from error


def _entries(store: Store, name: str, codec: Codec) -> Iterator[tuple[Any, Any]]:
    for text, rows in itertools.groupby(store.rows(name), key=lambda row: row.key):
        yield (
            key_of(text) if text else text,
            codec.join(key_of(text) if text else text, _parts(f"{name}, {text}", rows)),
        )


def _parts(named: str, rows: Iterator[Row]) -> dict[str, Any]:
    return {row.part: load(row.value, named=named) for row in rows}


def _load(service: str, module: Any, found: Mapping[str, Mapping[Any, Any]]) -> None:
    state = catalog.empty_state(service, module)
    forgotten = catalog.forgotten(service)
    for name, entries in found.items():
        if name in forgotten:
            held = getattr(module, name)
            getattr(held, "_data", held).update(entries)
        elif catalog.NO_KEY in entries:
            state[name] = entries[catalog.NO_KEY]
        elif name in state:
            state[name]._data.update(entries)
    module.load_persisted_state(state)
