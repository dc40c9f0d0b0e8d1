"""CSV, Parquet and Arrow bodies: read within limits, cast to the signature's types where nothing is lost."""

import re
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from containers.model_server.columns import Array, Column, expected, null_refused
from containers.model_server.layout import Layout
from containers.model_server.refusal import bad_request, too_large
from containers.model_server.rows import CheckedRows

MAX_TABLE_BYTES = 256 * 1024 * 1024
"""Largest table held in memory: a compressed body of a few megabytes may stand for far more."""

_PANDAS_INDEX = re.compile(r"__index_level_\d+__")

ARROW_TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "datetime": pa.timestamp("ns"),
}

_Test = Callable[[pa.DataType], bool]
_whole: _Test = pa.types.is_integer
_number: _Test = lambda kind: _whole(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)  # noqa: E731
_TEXTS = {pa.string(), pa.large_string(), pa.string_view()}
_BYTES = {pa.binary(), pa.large_binary(), pa.binary_view()}
_text: _Test = lambda kind: kind in _TEXTS  # noqa: E731
_bytes: _Test = lambda kind: kind in _BYTES or pa.types.is_fixed_size_binary(kind)  # noqa: E731
_time: _Test = lambda kind: pa.types.is_timestamp(kind) or pa.types.is_date(kind)  # noqa: E731
_ACCEPTED: dict[str, _Test] = {
    "boolean": pa.types.is_boolean,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "string": _text,
    "binary": _bytes,
    "datetime": _time,
}


def read_csv(body: bytes, layout: Layout | None) -> pa.Table:
    """A table from CSV with a header line; columns of the signature are parsed as its types."""
    types = {column.name: ARROW_TYPES[column.type] for column in layout.columns} if layout else {}
    options = pyarrow.csv.ConvertOptions(column_types=types)
    whole = pyarrow.csv.ReadOptions(block_size=max(len(body), 1 << 20))  # a row must lie in one block
    try:
        return pyarrow.csv.read_csv(BytesIO(body), read_options=whole, convert_options=options)
    except pa.ArrowInvalid as error:
        raise bad_request(_csv_problem(str(error), body, layout)) from None


def read_parquet(body: bytes, layout: Layout | None) -> pa.Table:  # noqa: ARG001
    """A table from a Parquet file."""
    try:
        file = pq.ParquetFile(BytesIO(body))
        groups = [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]
        _check_size(sum(group.total_byte_size for group in groups))
        return _validated(file.read())
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise bad_request(f"the body is not Parquet: {error}") from None


def read_arrow(body: bytes, layout: Layout | None) -> pa.Table:  # noqa: ARG001
    """A table from an Arrow file or an Arrow stream."""
    try:
        if body.startswith(b"ARROW1"):
            file = pa.ipc.open_file(body)
            batches = (file.get_batch(at) for at in range(file.num_record_batches))
            return _validated(_gathered(file.schema, batches))
        stream = pa.ipc.open_stream(body)
        return _validated(_gathered(stream.schema, stream))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise bad_request(f"the body is not Arrow: {error}") from None


def to_rows(table: pa.Table, layout: Layout) -> CheckedRows:
    """The signature's columns of a table as arrays; `Refused` that names the column and what it takes."""
    table = table.drop_columns([name for name in table.column_names if _PANDAS_INDEX.fullmatch(name)])
    if not table.num_rows:
        raise bad_request("the body holds no rows")
    positions = layout.positions(tuple(table.column_names))
    pairs = zip(layout.columns, positions, strict=True)
    count = table.num_rows
    return CheckedRows([_array(table, column, at) for column, at in pairs], count)


def _array(table: pa.Table, column: Column, at: int | None) -> Array:
    if at is None:
        return np.full(table.num_rows, np.nan if column.type in ("float", "double") else None)
    values = _plain(table.column(at))
    if not (pa.types.is_null(values.type) or _ACCEPTED[column.type](values.type)):
        raise bad_request(f"column {column.name!r}: expected {expected(column)}, got {values.type}")
    if column.required and values.null_count and column.type not in ("float", "double"):
        raise null_refused(column, values.is_null().to_pylist().index(True))
    try:
        array: Array = values.cast(ARROW_TYPES[column.type]).to_numpy()
    except pa.ArrowInvalid as error:
        raise bad_request(f"column {column.name!r}: expected {expected(column)}: {error}") from None
    return array


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary-encoded values (pandas' categories) as the values themselves."""
    kind = values.type
    return values.cast(kind.value_type) if pa.types.is_dictionary(kind) else values


def _gathered(schema: pa.Schema, batches: object) -> pa.Table:
    taken, size = [], 0
    for batch in batches:  # type: ignore[attr-defined]
        size += batch.nbytes
        _check_size(size)
        taken.append(batch)
    return pa.Table.from_batches(taken, schema)


def _validated(table: pa.Table) -> pa.Table:
    """Arrow trusts offsets, indices and texts as they come: wrong ones would be read outside the body."""
    table.validate(full=True)
    for name in table.column_names:
        name.encode()
    return table


def _check_size(size: int) -> None:
    if size > MAX_TABLE_BYTES:
        raise too_large(
            f"the table is over {MAX_TABLE_BYTES >> 20} MiB uncompressed: send fewer rows at once"
        )


def _csv_problem(problem: str, body: bytes, layout: Layout | None) -> str:
    """Arrow counts columns; name the column instead, and say what the signature wants there."""
    at = re.search(r"CSV column #(\d+)", problem)
    header = body.split(b"\n", 1)[0].decode(errors="replace").strip().split(",")
    known = {column.name: column for column in layout.columns} if layout else {}
    name = header[int(at[1])].strip('"') if at and int(at[1]) < len(header) else ""
    if name not in known:
        return f"the body is not CSV with a header line: {problem}"
    return f"column {name!r}: expected {expected(known[name])}: {problem}"


READERS: dict[str, Callable[[bytes, Layout | None], pa.Table]] = {
    "text/csv": read_csv,
    "application/csv": read_csv,
    "application/x-parquet": read_parquet,
    "application/parquet": read_parquet,
    "application/vnd.apache.parquet": read_parquet,
    "application/vnd.apache.arrow.stream": read_arrow,
    "application/vnd.apache.arrow.file": read_arrow,
    "application/x-arrow": read_arrow,
}
"""Content type → reader."""
