"""The exported table: points of one request as Arrow columns, and as the bytes of a file."""

from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import chain, repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sluiceway.gateways.cloudwatch import Points
from sluiceway.metrics.contracts import DataRequest, Format

SCHEMA = pa.schema(
    [
        pa.field("timestamp", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("period", pa.int32(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("statistic", pa.string(), nullable=False),
        pa.field("unit", pa.string()),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("dimensions", pa.map_(pa.string(), pa.string()), nullable=False),
    ]
)
"""What a file holds; `date` and `namespace` are in its path, as Hive and Athena want it."""


def to_table(request: DataRequest, answers: Sequence[Points]) -> pa.Table:
    """One row for each query and point, in the order of the queries and of time."""
    counts = [len(answer.values) for answer in answers]
    rows = pa.array(chain.from_iterable(map(repeat, range(len(counts)), counts)), pa.int32())
    series = [query.series for query in request.queries]
    columns = {
        "timestamp": _timestamps(answers),
        "period": pa.repeat(pa.scalar(request.period, pa.int32()), len(rows)),
        "metric": pa.array([each.metric for each in series], pa.string()).take(rows),
        "statistic": pa.array([query.statistic for query in request.queries], pa.string()).take(rows),
        "unit": pa.array([query.unit for query in request.queries], pa.string()).take(rows),
        "value": pa.array(chain.from_iterable(answer.values for answer in answers), pa.float64()),
        "dimensions": pa.array([each.dimensions for each in series], SCHEMA.field("dimensions").type).take(
            rows
        ),
    }
    return pa.table(columns, schema=SCHEMA)


def _timestamps(answers: Sequence[Points]) -> pa.Array:
    seconds = pa.array(chain.from_iterable(answer.timestamps for answer in answers), pa.float64())
    micros = pc.multiply(seconds, 1_000_000.0)
    return micros.cast(pa.int64()).cast(SCHEMA.field("timestamp").type)


def to_parquet(table: pa.Table, _request: DataRequest) -> bytes:
    """Zstandard, dictionaries for text, byte streams for values: 1 to 7 bytes a point for most metrics."""
    sink = BytesIO()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=[
            "metric",
            "statistic",
            "unit",
            "dimensions.key_value.key",
            "dimensions.key_value.value",
        ],
        column_encoding={"timestamp": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"},
        write_statistics=["timestamp", "metric", "statistic"],
        store_schema=False,
    )
    return sink.getvalue()


def to_json_lines(table: pa.Table, request: DataRequest) -> bytes:
    """One JSON object for each row, dimensions as an object, timestamps in ISO 8601."""
    import orjson

    return b"".join(
        orjson.dumps(_json_row(row, request), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
        for row in table.to_pylist()
    )


def _json_row(row: dict[str, Any], request: DataRequest) -> dict[str, Any]:
    return {**row, "namespace": request.namespace, "dimensions": dict(row["dimensions"])}


WRITERS: dict[Format, Callable[[pa.Table, DataRequest], bytes]] = {
    "parquet": to_parquet,
    "json": to_json_lines,
}
"""How each format is written."""
