"""A query's result as one Parquet file: equal rows are equal bytes, however Athena happened to write them.

Athena answers a SELECT with one CSV: every value in quotes, NULL as nothing at all, NaN as a word
(https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html). Types come beside it.
"""

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from sluiceway.errors import InvalidDataset
from sluiceway.gateways.queries import Column

ROW_GROUP = 1_000_000
"""rows"""
_TYPES: Mapping[str, Callable[[Column], pa.DataType]] = {
    "boolean": lambda _: pa.bool_(),
    "tinyint": lambda _: pa.int8(),
    "smallint": lambda _: pa.int16(),
    "integer": lambda _: pa.int32(),
    "bigint": lambda _: pa.int64(),
    "float": lambda _: pa.float32(),
    "real": lambda _: pa.float32(),
    "double": lambda _: pa.float64(),
    "decimal": lambda column: pa.decimal128(column.precision or 38, column.scale),
    "date": lambda _: pa.date32(),
    "timestamp": lambda _: pa.timestamp("us"),
}
"""What is not here stays the text that Athena writes: varchar, json, arrays, rows, times with a zone."""


@dataclass(frozen=True)
class QueryResult:
    """A result, ready to be an object."""

    body: bytes
    """Parquet."""
    fingerprint: str
    """sha256 of names, types and rows: the same whatever version of Parquet's writer made the body."""
    rows: int


def make_result(csv: bytes, columns: Sequence[Column], *, ordered: bool) -> QueryResult:
    """The result of a query; raises `InvalidDataset` for one that no dataset can be made of."""
    _check_names([column.name for column in columns])
    table = _read(csv, columns)
    if not table.num_rows:
        raise InvalidDataset("the query returned no rows: the dataset stays as it was")
    rows = table if ordered else _sorted(table)
    return QueryResult(_parquet(rows), _fingerprint(rows), rows.num_rows)


def _check_names(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidDataset(f"the query returns the column {', '.join(twice)} twice: name one of them by AS")


def _read(csv: bytes, columns: Sequence[Column]) -> pa.Table:
    types = {column.name: _type_of(column) for column in columns}
    convert = pa.csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    try:
        return pa.csv.read_csv(
            pa.BufferReader(csv),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=convert,
        )
    except pa.ArrowInvalid as error:
        raise InvalidDataset(f"the result of the query cannot be read as its columns say: {error}") from error


def _type_of(column: Column) -> pa.DataType:
    make = _TYPES.get(column.type)
    return make(column) if make else pa.string()


def _sorted(table: pa.Table) -> pa.Table:
    """By all columns from the left: rows that are equal in all of them are the same wherever they stand."""
    keys = [(name, "ascending") for name in table.column_names]
    return table.take(pc.sort_indices(table, sort_keys=keys))


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", row_group_size=ROW_GROUP)
    return sink.getvalue()


class _Hash(io.RawIOBase):
    """A file that keeps nothing but the hash of what is written to it."""

    def __init__(self, start: bytes) -> None:
        super().__init__()
        self.digest = hashlib.sha256(start)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self.digest.update(view)
        return view.nbytes


def _fingerprint(table: pa.Table) -> str:
    header = json.dumps([(field.name, str(field.type)) for field in table.schema]).encode()
    sink = _Hash(header)
    pa.csv.write_csv(table, sink, pa.csv.WriteOptions(include_header=False))
    return sink.digest.hexdigest()
