"""The file that holds what was accepted: rows of JSON in SQLite, changed in transactions.

A commit leaves the process with `write()`, so `kill -9` loses nothing that was committed. It is not forced to
the disk each time (`synchronous=NORMAL` in WAL mode): after a power cut the last moments may be missing, but
what is there is whole (https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sluiceway.errors import SluicewayError

_CHECKPOINT_BYTES = 8 * 2**20
_TABLE = """
CREATE TABLE IF NOT EXISTS rows (
    collection TEXT NOT NULL, key TEXT NOT NULL, part TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (collection, key, part)
) WITHOUT ROWID
"""


class StateNotSaved(SluicewayError):
    """Something could not be written; it stays marked and is tried again at the next save."""


class StateUnreadable(SluicewayError):
    """The file of rows, or a row in it, cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Change:
    """A row to write; to delete, where `value` is None; all rows of the key, where `part` is None too."""

    collection: str
    key: str
    part: str | None
    value: str | None


@dataclass(frozen=True)
class Row:
    """A row as it is on disk."""

    key: str
    part: str
    value: str


class Store:
    """One file of rows. Every method but `checkpoint` is called by the server's loop only."""

    def __init__(self, path: Path) -> None:
        """Open the file, and make it where it is missing; raises StateUnreadable."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._readable():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            path.chmod(0o600)  # Secrets and the keys of sessions are in it.
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute("PRAGMA wal_autocheckpoint=0")
            self._connection.execute(_TABLE)

    def collections(self) -> list[str]:
        """The names of the collections that have rows."""
        with self._readable():
            found = self._connection.execute("SELECT DISTINCT collection FROM rows").fetchall()
        return [name for (name,) in found]

    def rows(self, collection: str) -> Iterator[Row]:
        """The rows of a collection, by key and then by part."""
        query = "SELECT key, part, value FROM rows WHERE collection = ? ORDER BY key, part"
        with self._readable():
            yield from (Row(*found) for found in self._connection.execute(query, (collection,)))

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all changes or none; raises StateNotSaved."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for change in changes:
                self._make(change)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise StateNotSaved(f"{self.path} cannot be written: {error}") from error

    def checkpoint(self) -> None:
        """Bring the log into the file, once it is large; from any thread."""
        log = self.path.with_name(f"{self.path.name}-wal")
        if log.exists() and log.stat().st_size > _CHECKPOINT_BYTES:
            with contextlib.closing(sqlite3.connect(self.path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, target: Path) -> None:
        """Write a whole and consistent copy."""
        copy_database(self.path, target)

    def close(self) -> None:
        """Close the file, the log brought into it."""
        self._connection.close()

    def _make(self, change: Change) -> None:
        named = (change.collection, change.key)
        if change.value is not None:
            self._connection.execute(
                "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", (*named, change.part, change.value)
            )
        elif change.part is not None:
            self._connection.execute(
                "DELETE FROM rows WHERE collection = ? AND key = ? AND part = ?", (*named, change.part)
            )
        else:
            self._connection.execute("DELETE FROM rows WHERE collection = ? AND key = ?", named)

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StateUnreadable(
                f"{self.path} cannot be read: {error}. Bring back a snapshot with "
                f"`sluice local restore NAME`, or remove {self.path.parent.parent} and deploy anew"
            ) from error


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite file that others may be writing to."""
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)
