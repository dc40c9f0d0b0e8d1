"""Runs a query on DuckDB, over the files of one folder, and lets it reach nothing else of this machine."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TYPES = {
    "HUGEINT": "bigint",
    "UBIGINT": "bigint",
    "UINTEGER": "bigint",
    "USMALLINT": "integer",
    "UTINYINT": "smallint",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "UUID": "uuid",
    "JSON": "json",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@dataclass(frozen=True)
class Rows:
    """A result."""

    columns: list[str]
    types: list[str]
    """As Athena names them; a decimal with precision and scale, `decimal(18,3)`."""
    rows: list[tuple[Any, ...]]


@dataclass
class Running:
    """The queries that run, so that they can be interrupted."""

    connections: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, query_id: str, sql: str, folder: Path) -> Rows:
        """The result of a query that may read `folder` and nothing else; raises what DuckDB raises."""
        with self._connection(query_id, folder) as connection:
            found = connection.execute(sql)
            described = found.description or []
            return Rows(
                [each[0] for each in described],
                [athena_type(str(each[1])) for each in described],
                found.fetchall(),
            )

    def interrupt(self, query_id: str) -> None:
        """End a query that runs."""
        with self.lock:
            connection = self.connections.get(query_id)
            if connection is not None:
                connection.interrupt()

    @contextmanager
    def _connection(self, query_id: str, folder: Path) -> Iterator[Any]:
        import duckdb

        connection = duckdb.connect(":memory:")
        try:
            confine(connection, folder)
            with self.lock:
                self.connections[query_id] = connection
            yield connection
        finally:
            with self.lock:
                self.connections.pop(query_id, None)
                connection.close()


def confine(connection: Any, folder: Path) -> None:
    """No other files, no network, no extensions, and no way back: a query is somebody's text."""
    import duckdb

    place = str(folder).replace("'", "''")
    connection.execute(f"SET allowed_directories = ['{place}/']")
    connection.execute("SET memory_limit = '1GB'; SET threads = 2; SET temp_directory = ''")
    # DuckDB 2 pushes types into its CSV reader, which then refuses what Athena reads as NULL.
    with suppress(duckdb.Error):
        connection.execute("SET disabled_optimizers = 'type_pushdown'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def athena_type(name: str) -> str:
    """Athena's name of a type of DuckDB's."""
    from ministack.services import athena

    decimal = _DECIMAL.fullmatch(name)
    if decimal:
        return f"decimal({decimal[1]},{decimal[2]})"
    base = name.partition("(")[0].strip()
    if base.endswith("]"):
        return "array"
    return _TYPES.get(base) or str(athena._DUCKDB_TYPE_MAP.get(base, "varchar"))
