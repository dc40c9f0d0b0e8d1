"""Executions, strands and histories in one SQLite file, so that a killed process goes on where it was.

The journal is a write-ahead log and `synchronous` is OFF: what is committed lies with the operating system.
It survives any end of the process, `kill -9` included; a power cut may damage the file.
A definition's text is stored once, however many executions run it.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from embedded.stepfunctions.model import SUCCEEDED, Changes, Event, Execution, MapRun, Strand

_SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (hash TEXT PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS executions (
    number INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, machine_arn TEXT NOT NULL, version_arn TEXT,
    alias_arn TEXT, map_run_arn TEXT, started REAL NOT NULL, status TEXT NOT NULL, stopped REAL,
    redrives INTEGER NOT NULL, definition TEXT NOT NULL, input BLOB NOT NULL, output BLOB,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS of_machine ON executions (machine_arn, started, number);
CREATE INDEX IF NOT EXISTS of_map_run ON executions (map_run_arn, started, number)
    WHERE map_run_arn IS NOT NULL;
CREATE INDEX IF NOT EXISTS unfinished ON executions (number) WHERE status IN ('RUNNING', 'PENDING_REDRIVE');
CREATE INDEX IF NOT EXISTS finished ON executions (stopped) WHERE stopped IS NOT NULL;
CREATE TABLE IF NOT EXISTS strands (
    execution INTEGER NOT NULL, id INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (execution, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    execution INTEGER NOT NULL, id INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (execution, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS map_runs (
    arn TEXT PRIMARY KEY, execution_arn TEXT NOT NULL, record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS of_execution ON map_runs (execution_arn);
CREATE TABLE IF NOT EXISTS announcements (
    number INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL, status TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
"""

# Columns of their own; all else of an execution is in its record.
_COLUMNS = ("arn", "machine_arn", "version_arn", "alias_arn", "map_run_arn", "started", "status", "stopped")
_TEXTS = frozenset({"definition", "input", "output"})
_UPSERT = """
INSERT INTO executions (arn, machine_arn, version_arn, alias_arn, map_run_arn, started, status, stopped,
    redrives, definition, input, output, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (arn) DO UPDATE SET status = excluded.status, stopped = excluded.stopped,
    redrives = excluded.redrives, output = excluded.output, record = excluded.record
RETURNING number
"""


@dataclass(frozen=True)
class Announcement:
    """A change of an execution's status that the world has still to hear of."""

    number: int
    arn: str
    status: str


class Database:
    """One connection to a file, shared by the threads of a process."""

    def __init__(self, path: Path | str) -> None:
        """`path` may be `:memory:`."""
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 10000;" + _SCHEMA
        )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; transactions inside one are part of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Iterable[Any] = ()) -> list[Any]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(query, tuple(values)).fetchall()

    def close(self) -> None:
        """Close the file; what is committed is in it."""
        with self._lock:
            self._connection.close()


class SqliteStore:
    """A `Store` on a file."""

    def __init__(self, path: Path | str) -> None:
        """Make the file, where there is none, and its folder."""
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.database = Database(path)

    def save(self, *all_changes: Changes) -> None:
        """Write all of it, or nothing."""
        with self.database.transaction():
            for changes in all_changes:
                self._save(changes)

    def _save(self, changes: Changes) -> None:
        execution = changes.execution
        with self.database.transaction() as connection:
            before = connection.execute("SELECT status FROM executions WHERE arn = ?", (execution.arn,))
            known = before.fetchone()
            number = _upsert(connection, execution, is_new=known is None)
            if known is None or known[0] != execution.status:
                values = (execution.arn, execution.status)
                connection.execute("INSERT INTO announcements (arn, status) VALUES (?, ?)", values)
            _write_strands(connection, number, changes)
            rows = [(number, event["id"], _json(event)) for event in changes.events]
            connection.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
            runs = [(run.arn, run.execution_arn, _json(vars(run))) for run in changes.map_runs]
            connection.executemany("INSERT OR REPLACE INTO map_runs VALUES (?, ?, ?)", runs)

    def execution(self, arn: str) -> Execution | None:
        """An execution; None where there is none."""
        found = self.database.rows(
            "SELECT record, text, input, output FROM executions JOIN texts ON hash = definition"
            " WHERE arn = ?",
            (arn,),
        )
        return _execution(*found[0]) if found else None

    def strands(self, arn: str) -> list[Strand]:
        """The strands of an execution that has not succeeded, by id."""
        query = f"SELECT record FROM strands WHERE execution = {_NUMBER} ORDER BY id"  # noqa: S608
        return [_strand(record) for (record,) in self.database.rows(query, (arn,))]

    def unfinished(self) -> Iterator[Execution]:
        """The executions that go on after a restart, in the order in which they were started."""
        query = "SELECT arn FROM executions WHERE status IN ('RUNNING', 'PENDING_REDRIVE') ORDER BY number"
        for (arn,) in self.database.rows(query):
            found = self.execution(arn)
            if found is not None:
                yield found

    def events(self, arn: str, *, first: int = 1, limit: int = 25_000, reverse: bool = False) -> list[Event]:
        """At most `limit` events of a history from the id `first` on, up, or down with `reverse`."""
        order = "id <= ? ORDER BY id DESC" if reverse else "id >= ? ORDER BY id"
        query = f"SELECT record FROM events WHERE execution = {_NUMBER} AND {order} LIMIT ?"  # noqa: S608
        return [json.loads(record) for (record,) in self.database.rows(query, (arn, first, limit))]

    def map_run(self, arn: str) -> MapRun | None:
        """A run of a distributed Map."""
        found = self.database.rows("SELECT record FROM map_runs WHERE arn = ?", (arn,))
        return MapRun(**json.loads(found[0][0])) if found else None

    def map_runs(self, execution_arn: str) -> list[MapRun]:
        """The Map Runs of an execution, the newest first."""
        query = "SELECT record FROM map_runs WHERE execution_arn = ? ORDER BY rowid DESC"
        return [MapRun(**json.loads(record)) for (record,) in self.database.rows(query, (execution_arn,))]

    def children(self, map_run_arn: str) -> list[Execution]:
        """The executions of a Map Run, in the order in which they were started."""
        query = (
            "SELECT record, text, input, output FROM executions JOIN texts ON hash = definition"
            " WHERE map_run_arn = ? ORDER BY number"
        )
        return [_execution(*row) for row in self.database.rows(query, (map_run_arn,))]

    def announcements(self, limit: int = 100) -> list[Announcement]:
        """The changes of status that nobody was told yet, oldest first."""
        query = "SELECT number, arn, status FROM announcements ORDER BY number LIMIT ?"
        return [Announcement(*row) for row in self.database.rows(query, (limit,))]

    def announced(self, number: int) -> None:
        """The world has heard of it."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM announcements WHERE number = ?", (number,))

    def forget(self, *, stopped_before: float) -> None:
        """Remove the executions that ended before a time: AWS keeps them for 90 days."""
        old = "SELECT number FROM executions WHERE stopped < ?"
        with self.database.transaction() as connection:
            for table in ("strands", "events"):
                query = f"DELETE FROM {table} WHERE execution IN ({old})"  # noqa: S608 - names of ours
                connection.execute(query, (stopped_before,))
            connection.execute("DELETE FROM executions WHERE stopped < ?", (stopped_before,))
            connection.execute("DELETE FROM texts WHERE hash NOT IN (SELECT definition FROM executions)")

    def close(self) -> None:
        """Close the file."""
        self.database.close()


_NUMBER = "(SELECT number FROM executions WHERE arn = ?)"


def summary(record: str) -> Execution:
    """An execution without its definition, input and output, for listings."""
    return _made({**json.loads(record), "definition": "", "input": ""})


def _upsert(connection: sqlite3.Connection, execution: Execution, *, is_new: bool) -> int:
    definition = execution.definition.encode(errors="surrogatepass")
    digest = hashlib.sha256(definition).hexdigest() if is_new else ""
    if is_new:
        connection.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (digest, definition))
    columns = [getattr(execution, name) for name in _COLUMNS]
    record = {name: value for name, value in vars(execution).items() if name not in _TEXTS}
    texts = (_blob(execution.input), _blob(execution.output))
    row = connection.execute(_UPSERT, (*columns, execution.redrives, digest, *texts, _json(record)))
    return int(row.fetchone()[0])


def _write_strands(connection: sqlite3.Connection, number: int, changes: Changes) -> None:
    if changes.execution.status == SUCCEEDED:
        # Nothing goes on from here, nor can it be redriven.
        connection.execute("DELETE FROM strands WHERE execution = ?", (number,))
        return
    rows = [(number, strand.id, _json(vars(strand))) for strand in changes.strands]
    connection.executemany("INSERT OR REPLACE INTO strands VALUES (?, ?, ?)", rows)
    gone = [(number, identity) for identity in changes.gone]
    connection.executemany("DELETE FROM strands WHERE execution = ? AND id = ?", gone)


def _json(value: Mapping[str, Any]) -> str:
    # In ASCII: a lone surrogate, which JSON can hold, is no UTF-8.
    return json.dumps(value, separators=(",", ":"))


def _blob(text: str | None) -> bytes | None:
    return None if text is None else text.encode(errors="surrogatepass")


def _text(blob: bytes | None) -> str | None:
    return None if blob is None else blob.decode(errors="surrogatepass")


def _execution(record: str, definition: bytes, given: bytes, output: bytes | None) -> Execution:
    texts = {"definition": _text(definition), "input": _text(given), "output": _text(output)}
    return _made(json.loads(record) | texts)


def _made(values: dict[str, Any]) -> Execution:
    known = {item.name for item in fields(Execution)}
    parent = values.get("parent")
    chosen = {name: value for name, value in values.items() if name in known}
    return Execution(**chosen | {"parent": tuple(parent) if parent else None})


def _strand(record: str) -> Strand:
    values = json.loads(record)
    known = {item.name for item in fields(Strand)}
    chosen = {name: value for name, value in values.items() if name in known}
    return Strand(**chosen | {"scope": tuple(values["scope"])})
