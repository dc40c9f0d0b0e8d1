"""The file of rows: all or nothing, clear about what is wrong, copied while it is written to."""

import sqlite3
from pathlib import Path

import pytest

from embedded.durability.store import Change, Row, StateNotSaved, StateUnreadable, Store


def _change(part: str | None = "p", value: str | None = "v") -> Change:
    return Change("sqs.queues", "key", part, value)


def test_a_commit_is_there_for_another_process(tmp_path: Path) -> None:
    """Nothing is kept back in this one: a kill after `apply` loses nothing."""
    store = Store(tmp_path / "m" / "state.db")
    store.apply([_change(), _change("q")])
    store.apply([_change("q", None)])
    found = sqlite3.connect(store.path).execute("SELECT part, value FROM rows").fetchall()
    assert found == [("p", "v")]


def test_all_parts_of_a_key_go_at_once(tmp_path: Path) -> None:
    """A deleted queue takes its messages with it."""
    store = Store(tmp_path / "m" / "state.db")
    store.apply([_change("p"), _change("q"), Change("sqs.queues", "other", "p", "v")])
    store.apply([_change(None, None)])
    assert list(store.rows("sqs.queues")) == [Row("other", "p", "v")]


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """SQLite says it is full: the changes are refused together, what was saved stays whole."""
    store = Store(tmp_path / "m" / "state.db")
    store.apply([_change()])
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StateNotSaved, match=r"state\.db cannot be written.*full"):
        store.apply([_change("q"), _change("r", "x" * 100_000)])
    store._connection.execute("PRAGMA max_page_count=1000000")
    assert list(store.rows("sqs.queues")) == [Row("key", "p", "v")]
    store.apply([_change("q")])
    assert len(list(store.rows("sqs.queues"))) == 2


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    path = tmp_path / "m" / "state.db"
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StateUnreadable, match=r"state\.db cannot be read.*sluice local restore"):
        Store(path)


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """Secrets are in it."""
    assert Store(tmp_path / "m" / "state.db").path.stat().st_mode & 0o077 == 0
