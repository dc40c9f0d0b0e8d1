"""Queries on DuckDB: results as Athena gives them, and no way out of their folder."""

import math
import threading
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from embedded.athena import csv_file
from embedded.athena.engine import Rows, Running


def run(sql: str, folder: Path) -> Rows:
    """The result of a query."""
    return Running().run("q", sql, folder)


def test_types_are_named_as_athena_names_them(tmp_path: Path) -> None:
    """A decimal with its precision; what Athena has no name for is text."""
    found = run(
        "SELECT 1 a, 1::BIGINT b, sum(1) c, 'x' d, 1.5::DECIMAL(9,3) e, DATE '2026-01-31' f, [1] g, "
        "TIMESTAMP '2026-01-31 10:00:00' h, 1.5::DOUBLE i, true j",
        tmp_path,
    )
    assert found.columns == list("abcdefghij")
    assert found.types == [
        "integer", "bigint", "bigint", "varchar", "decimal(9,3)", "date", "array",
        "timestamp", "double", "boolean",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('{folder}/../secret.csv')",
        "COPY (SELECT 1) TO '/tmp/written-by-a-query.csv'",
        "SELECT * FROM read_csv('https://example.com/a.csv')",
        "INSTALL httpfs",
        "ATTACH '/tmp/other.db'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
    ],
)
def test_a_query_reaches_nothing_but_its_folder(tmp_path: Path, sql: str) -> None:
    """It is somebody's text, and on AWS it runs far from this machine."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(duckdb.Error):
        run(sql.format(folder=folder), folder)


def test_a_query_reads_its_folder(tmp_path: Path) -> None:
    """Where its tables' files are."""
    (tmp_path / "a.csv").write_text("a\n1\n2\n")
    assert run(f"SELECT sum(a) FROM read_csv('{tmp_path}/a.csv')", tmp_path).rows == [(3,)]


def test_a_query_can_be_interrupted(tmp_path: Path) -> None:
    """StopQueryExecution ends what would run for hours."""
    running = Running()
    threading.Timer(0.3, running.interrupt, ["q"]).start()
    with pytest.raises(duckdb.InterruptException):
        running.run("q", "SELECT count(*) FROM range(10000000000000) a, range(1000000) b", tmp_path)


def test_values_are_spelled_as_trino_spells_them() -> None:
    """In quotes; NULL is nothing, the empty text two quotes, and inside of others NULL is a word."""
    values = ["a \"b\"\n", "", None, True, math.nan, -math.inf, 1.5, Decimal("1.250"), date(2026, 1, 31),
              datetime.fromisoformat("2026-01-31 10:00:00.123456"), [1, None], {"a": False},
              b"\x01\xff"]  # fmt: skip
    assert csv_file.content(["c"], [[value] for value in values]).decode() == (
        '"c"\n"a ""b""\n"\n""\n\n"true"\n"NaN"\n"-Infinity"\n"1.5"\n"1.250"\n"2026-01-31"\n'
        '"2026-01-31 10:00:00.123"\n"[1, null]"\n"{a=false}"\n"01 ff"\n'
    )
