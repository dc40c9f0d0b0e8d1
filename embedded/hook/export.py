"""The record as a table on a screen, as JSON Lines, and as Parquet."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from embedded.hook import record
from embedded.hook.record import Record
from sluiceway.errors import SluicewayError

_ROWS = 10_000
_WIDTHS = (23, 8, 40, 12, 28, 13, 24, 0)
HEADINGS = ("TIME (UTC)", "MS", "CALLER", "SERVICE", "OPERATION", "DECISION", "ANSWER", "RESOURCE")


class FormatUnknown(SluicewayError):
    """A file's name does not say in which format it is to be written."""


def line(found: Record) -> str:
    """A record as one line of the table."""
    by = f" ({found.on_behalf_of.partition('.')[0]})" if found.on_behalf_of else ""
    answer = found.error or str(found.status or "-")
    return row(
        (
            f"{datetime.fromtimestamp(found.at, UTC):%Y-%m-%d %H:%M:%S.%f}"[:23],
            f"{found.duration * 1e3:.1f}",
            f"{found.caller}{by}" or "-",
            found.service,
            found.operation,
            found.decision or "-",
            f"{answer} [{found.fault_action}: {found.fault}]" if found.fault else answer,
            ", ".join(found.resources) or "-",
        )
    )


def row(cells: Iterable[str]) -> str:
    """Cells side by side; what is too wide pushes the rest to the right."""
    return " ".join(f"{cell:{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def write(records: Iterable[Record], path: Path) -> int:
    """Write a file, JSON Lines or Parquet by its name; how many records went into it."""
    writer = _FORMATS.get(path.suffix)
    if writer is None:
        raise FormatUnknown(f"{path}: the name must end in {' or '.join(_FORMATS)}")
    return writer(records, path)


def _write_lines(records: Iterable[Record], path: Path) -> int:
    count = 0
    with path.open("wb") as file:
        for count, found in enumerate(records, 1):  # noqa: B007 - the last is the number
            file.write(record.dump(found))
    return count


def _write_parquet(records: Iterable[Record], path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    count, schema = 0, _schema(pa)
    with pq.ParquetWriter(path, schema) as writer:
        for rows in _batches(map(_parquet_row, records)):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(itertools.islice(rows, _ROWS)):
        yield batch


def _parquet_row(found: Record) -> dict[str, Any]:
    checks = [asdict(check) | {"context": _json(check.context)} for check in found.checks]
    return asdict(found) | {
        "at": datetime.fromtimestamp(found.at, UTC),
        "caller": found.caller,
        "parameters": _json(found.parameters),
        "checks": checks,
    }


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _schema(pa: Any) -> Any:
    """What cannot have the same columns in each row, parameters and contexts, is JSON in a column."""
    text = pa.string()
    check = [(name, text) for name in ("action", "resource", "decision", "principal", "context")]
    return pa.schema(
        [
            ("at", pa.timestamp("us", tz="UTC")),
            ("duration", pa.float64()),
            ("principal", text),
            ("caller", text),
            ("by_service", pa.bool_()),
            ("on_behalf_of", text),
            ("service", text),
            ("operation", text),
            ("resources", pa.list_(text)),
            ("decision", text),
            ("status", pa.int32()),
            ("error", text),
            ("request_id", text),
            ("parameters", text),
            ("fault", text),
            ("fault_action", text),
            ("checks", pa.list_(pa.struct(check))),
            ("kind", text),
        ]
    )


_FORMATS = {".jsonl": _write_lines, ".parquet": _write_parquet}
