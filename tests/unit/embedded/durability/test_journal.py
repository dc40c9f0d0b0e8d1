"""What was touched is saved once, for all who wait; what could not be saved is tried again."""

import asyncio
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from embedded.durability import catalog
from embedded.durability.journal import Journal
from embedded.durability.store import Change, StateNotSaved, Store
from embedded.durability.touched import WrittenDict


class Scoped:
    """As MiniStack's dictionaries: the data is an attribute, and deep copies are made of it."""

    def __init__(self) -> None:
        self._data: dict[Any, Any] = {}


class CountingStore(Store):
    """Counts its transactions, and refuses some."""

    applied = 0
    is_full = False

    def apply(self, changes: Any) -> None:
        """As the store's."""
        if self.is_full:
            raise StateNotSaved("full")
        self.applied += 1
        super().apply(changes)


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> Scoped:
    """The one dictionary of a service."""
    scoped = Scoped()
    module = ModuleType("things")
    vars(module).update(_things=scoped, get_state=lambda: {"things": scoped})
    monkeypatch.setattr(catalog, "loaded_module", {"things_module": module}.get)
    return scoped


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    """An empty store."""
    return CountingStore(tmp_path / "m" / "state.db")


def _journal(store: Store) -> Journal:
    return Journal(store, {"things": "things_module"}, {}, WrittenDict())


def _saved(store: Store) -> dict[str, str]:
    return {row.key: row.value for row in store.rows("things.things")}


def test_only_what_changed_is_written(things: Scoped, store: CountingStore) -> None:
    """A value that was only read is compared, and no transaction is made for it."""
    journal = _journal(store)
    things._data["a"] = {"n": 1}
    journal.save()
    things._data["a"]
    journal.save()
    assert (_saved(store), store.applied) == ({"'a'": '{"n":1}'}, 1)
    things._data["a"]["n"] = 2
    journal.save()
    del things._data["a"]
    journal.save()
    assert (_saved(store), store.applied) == ({}, 3)


def test_requests_that_end_together_share_a_save(things: Scoped, store: CountingStore) -> None:
    """A group commit: as many as are ready to run."""
    journal = _journal(store)

    async def request(name: str) -> None:
        things._data[name] = name
        await journal.saved()
        assert repr(name) in _saved(store)

    async def all_at_once() -> None:
        await asyncio.gather(*(request(str(n)) for n in range(20)))

    asyncio.run(all_at_once())
    assert store.applied == 1


def test_what_could_not_be_saved_is_refused_and_tried_again(things: Scoped, store: CountingStore) -> None:
    """Deletions too, and what was written before stays."""
    journal = _journal(store)
    things._data.update(a=1, b=2)
    journal.save()
    store.is_full = True
    things._data["c"] = 3
    del things._data["a"]
    with pytest.raises(StateNotSaved):
        asyncio.run(journal.saved())
    store.is_full = False
    journal.save()
    assert _saved(store) == {"'b'": "2", "'c'": "3"}


def test_what_a_thread_changes_later_is_looked_at_again(things: Scoped, store: CountingStore) -> None:
    """It fetched the value, then a save came, then it changed the value."""
    journal = _journal(store)
    things._data["a"] = {"n": 1}
    journal.save()
    held = things._data["a"]
    journal.save()
    held["n"] = 2
    journal._look_again()
    assert _saved(store) == {"'a'": '{"n":2}'}


def test_looking_again_ends(things: Scoped, store: CountingStore) -> None:
    """After some times, an entry is left alone until it is touched."""
    journal = _journal(store)
    things._data["a"] = 1
    journal.save()
    for _ in range(5):
        journal._look_again()
    assert journal._later == {}


def test_an_entry_that_cannot_be_written_spares_the_others(
    things: Scoped, store: CountingStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log; the rest is saved."""
    things._data.update(good=1, bad=object())
    _journal(store).save()
    assert _saved(store) == {"'good'": "1"}
    assert "'bad' of things.things cannot be saved" in caplog.text


def test_deliveries_are_saved_before_their_effects_are_looked_at(
    things: Scoped, store: CountingStore
) -> None:
    """A delivery that is over is forgotten in the same transaction as what it left, or in a later one."""
    order: list[str] = []
    pending = WrittenDict({"d": 1})
    journal = Journal(store, {"things": "things_module"}, {}, pending)
    things._data["a"] = 1
    apply = store.apply

    def applied(changes: list[Change]) -> None:
        order.extend(change.collection for change in changes)
        apply(changes)

    store.apply = applied  # type: ignore[method-assign]
    journal.save()
    assert order == ["deliveries", "things.things"]


def test_a_thread_waits_until_what_it_touched_is_saved(things: Scoped, store: CountingStore) -> None:
    """As a request does before its answer; nobody may rely on it before the server serves."""
    journal = _journal(store)
    with pytest.raises(StateNotSaved):
        journal.wait()

    def touch() -> dict[str, str]:
        things._data["a"] = 1
        journal.wait()
        return _saved(store)

    async def serve() -> dict[str, str]:
        saving = asyncio.create_task(journal.keep_saving())
        await asyncio.sleep(0)
        journal.save()
        found = await asyncio.to_thread(touch)
        saving.cancel()
        return found

    assert asyncio.run(serve()) == {"'a'": "1"}


def test_new_deliveries_are_saved_at_once_on_the_loop_only(store: CountingStore) -> None:
    """SQLite's transaction belongs to the loop; and where there is nothing new there is nothing to save."""
    own = WrittenDict()
    journal = Journal(store, {}, {}, own)

    async def save_own() -> None:
        serving = asyncio.create_task(journal.keep_saving())
        await asyncio.sleep(0)
        journal.save_own()
        journal.save_own()
        serving.cancel()

    own["1"] = {}
    journal.save_own()
    assert store.applied == 0
    asyncio.run(save_own())
    assert store.applied == 1
