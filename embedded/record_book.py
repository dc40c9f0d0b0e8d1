"""Records that change: in memory, each in a file of its own, and a condition that wakes who waits for one."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from embedded.json_store import records, write_json


class Record(BaseModel):
    """A frozen record that is strict about what it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# How often a wait looks whether it was given up, which no change of a record tells.
_LOOK_SECONDS = 0.5

R = TypeVar("R", bound=Record)


class RecordBook(Generic[R]):
    """All records of one kind by key. `changed` guards them, and is notified on every change."""

    def __init__(
        self,
        folder: Path,
        model: type[R],
        *,
        key: Callable[[R], str],
        on_change: Callable[[R | None, R], None],
    ) -> None:
        """`on_change(before, after)` is called in order, whenever a record is put."""
        self._folder = folder
        self._key = key
        self._on_change = on_change
        self.changed = threading.Condition(threading.RLock())
        found = records(folder, model)
        self._records = {key(record): record for record in found}

    def put(self, record: R) -> R:
        """Write a record down; what is on disk is never behind what is seen."""
        key = self._key(record)
        with self.changed:
            before = self._records.get(key)
            write_json(self._path(key), record.model_dump_json())
            self._records[key] = record
            self._on_change(before, record)
            self.changed.notify_all()
        return record

    def find(self, key: str) -> R | None:
        """A record by its key."""
        return self._records.get(key)

    def records(self) -> list[R]:
        """All records."""
        with self.changed:
            return list(self._records.values())

    def forget(self, key: str) -> None:
        """Remove a record."""
        with self.changed:
            self._records.pop(key, None)
            self._path(key).unlink(missing_ok=True)

    def wait_for(self, key: str, holds: Callable[[R], bool]) -> R:
        """Return a record when something holds for it."""
        with self.changed:
            self.changed.wait_for(lambda: holds(self._records[key]))
            return self._records[key]

    def wait_unless(self, key: str, holds: Callable[[R], bool], given_up: Callable[[], bool]) -> bool:
        """Wait until something holds for a record, or nobody waits any more; whether it holds."""
        with self.changed:
            while not holds(self._records[key]) and not given_up():
                self.changed.wait(_LOOK_SECONDS)
            return holds(self._records[key])

    def _path(self, key: str) -> Path:
        return self._folder / f"{key.replace(':', '+')}.json"
