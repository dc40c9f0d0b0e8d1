"""Saves what was touched, before answers leave; requests that end together share a save.

A failed save leaves everything marked: it is tried again by the next request, which is refused as well while
the disk is full.
"""

import asyncio
import logging
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from embedded.durability import catalog
from embedded.durability.catalog import Collection, Derived, Service
from embedded.durability.codecs import Codec
from embedded.durability.encoding import key_text
from embedded.durability.store import Change, StateNotSaved, Store
from embedded.durability.touched import WrittenDict

logger = logging.getLogger(__name__)

# What threads touch they may change some moments later, so it is looked at again.
_AGAIN = 3
_SECONDS = 0.4
_ALL_SECONDS = 60.0
_ATTEMPTS = 20


class Journal:
    """The saving of everything, on the server's loop."""

    def __init__(
        self, store: Store, modules: Mapping[str, str], codecs: Mapping[str, Codec], own: WrittenDict
    ) -> None:
        """`modules` names MiniStack's module of each service; `own` holds deliveries, saved first."""
        self._store = store
        self._modules = modules
        self._codecs = codecs
        self._own = Collection("deliveries", own, codecs.get("deliveries") or catalog.codec_of("deliveries"))
        self._services: dict[str, Service] = {}
        # First the deliveries: one that is over left its effects before, and they are looked at after.
        self._collections = [self._own]
        self._imported = 0
        self._later: dict[tuple[WrittenDict, Any], int] = {}
        self._next: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def saved(self) -> None:
        """Return when all that was touched up to now is on disk; raises StateNotSaved."""
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.create_future()
            # Requests that are ready to run go first, and share the save.
            loop.call_soon(self._save_for, self._next)
        await asyncio.shield(self._next)

    def wait(self) -> None:
        """As `saved`, for threads; only while `keep_saving` runs."""
        if self._loop is None:
            raise StateNotSaved("the server does not serve yet")
        asyncio.run_coroutine_threadsafe(self.saved(), self._loop).result()

    def save(self) -> None:
        """Write what differs among what was touched; raises StateNotSaved."""
        self._attach_new()
        taken: list[tuple[Collection, Any]] = []
        changes: list[Change] = []
        for collection in self._collections:
            if collection.container.touched:
                changes += self._changes(collection, taken)
        changes += self._derived_changes(taken)
        try:
            if changes:
                self._store.apply(changes)
        except StateNotSaved:
            for collection, key in taken:
                collection.codec.forget(key)
                collection.container.touched.add(key)
            raise

    def save_own(self) -> None:
        """Save if there are new deliveries; only on the loop, elsewhere nothing is done."""
        if self._own.container.touched and self._is_on_loop():
            self.save()

    def save_all(self) -> None:
        """Look at everything, touched or not."""
        self._attach_new()
        for collection in self._collections:
            collection.container.touched.update(list(collection.container))
        self.save()

    async def keep_saving(self) -> None:
        """Save what no request waits for: twice a second what was touched, once a minute everything."""
        loop = self._loop = asyncio.get_running_loop()
        whole = loop.time() + _ALL_SECONDS
        while True:
            await asyncio.sleep(_SECONDS)
            try:
                self._look_again()
                if loop.time() > whole:
                    self.save_all()
                    whole = loop.time() + _ALL_SECONDS
                await asyncio.to_thread(self._store.checkpoint)
            except StateNotSaved as error:
                logger.error("%s; it is tried again", error)  # noqa: TRY400 - no trace is needed
            except Exception:
                logger.exception("State could not be saved; it is tried again")

    def _save_for(self, waiting: "asyncio.Future[None]") -> None:
        self._next = None
        try:
            self.save()
        except Exception as error:
            logger.error(  # noqa: TRY400 - a trace only where the cause is unknown
                "A request is refused: %s", error, exc_info=not isinstance(error, StateNotSaved)
            )
            waiting.set_exception(error)
            waiting.exception()  # Seen, even where the client is gone.
        else:
            waiting.set_result(None)

    def _is_on_loop(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _attach_new(self) -> None:
        if self._imported == len(sys.modules):
            return
        self._imported = len(sys.modules)
        for name, module_name in self._modules.items():
            if name not in self._services:
                module = catalog.loaded_module(module_name)
                if module is not None and hasattr(module, "get_state"):
                    self._services[name] = service = catalog.attach(name, module, self._codecs)
                    self._collections += service.collections

    def _changes(self, collection: Collection, taken: list[tuple[Collection, Any]]) -> Iterator[Change]:
        touched = collection.container.touched
        while touched:
            key = touched.pop()
            taken.append((collection, key))
            self._later[collection.container, key] = _AGAIN
            yield from _changes_of(collection, key)

    def _derived_changes(self, taken: list[tuple[Collection, Any]]) -> Iterator[Change]:
        touched = {collection.name.partition(".")[0] for collection, _ in taken}
        for service in self._services.values():
            if service.derived and (service.name in touched or not service.collections):
                yield from _derived(service.name, service.derived)

    def _look_again(self) -> None:
        later, self._later = self._later, {}
        fresh = {each for each in later if each[1] in each[0].touched}
        for container, key in later:
            container.touched.add(key)
        self.save()
        for each, times in later.items():
            if times <= 1 and each not in fresh:
                self._later.pop(each, None)
            elif each not in fresh:
                self._later[each] = times - 1


def _changes_of(collection: Collection, key: Any) -> list[Change]:
    """What differs of one entry, however often a thread changes it meanwhile."""
    named = key_text(key)
    for _ in range(_ATTEMPTS):
        try:
            if key not in collection.container:
                collection.codec.forget(key)
                return [Change(collection.name, named, None, None)]
            value = dict.__getitem__(collection.container, key)
            return [Change(collection.name, named, *part) for part in collection.codec.changes(key, value)]
        except (RuntimeError, KeyError):  # A dictionary changed its size, or lost the key, under our eyes.
            collection.codec.forget(key)
        except (TypeError, ValueError):
            break
    logger.error("%s of %s cannot be saved", named, collection.name, exc_info=True)
    return []


def _derived(service: str, derived: Derived) -> Iterator[Change]:
    made = derived.make()
    for name in derived.names:
        for part, text in derived.codec.changes(name, made.get(name)):
            yield Change(f"{service}.{name}", catalog.NO_KEY, part, text)
