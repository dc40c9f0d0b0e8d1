"""The items of a distributed Map: how they are read from files, and put into batches.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from embedded.stepfunctions.documents import dumps

MOST_ITEMS = 100_000_000
_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


class UnreadableItems(Exception):
    """A file that is not what its reader says; the message says why."""


def parse_items(content: bytes, config: Mapping[str, Any]) -> list[Any]:
    """The items in a file, by `ReaderConfig`; raises UnreadableItems."""
    read = _READERS.get(config.get("InputType", "JSON"))
    if read is None:
        raise UnreadableItems(
            f"InputType {config['InputType']} cannot be read; there are: {', '.join(_READERS)}"
        )
    try:
        items = read(content, config)
    except (ValueError, csv.Error) as error:
        raise UnreadableItems(
            f"the file cannot be read as {config.get('InputType', 'JSON')}: {error}"
        ) from error
    return items[: config.get("MaxItems") or MOST_ITEMS]


def batches(items: Sequence[Any], batcher: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Items in groups of at most `MaxItemsPerBatch` and `MaxInputBytesPerBatch`, in order."""
    most, most_bytes = batcher.get("MaxItemsPerBatch"), batcher.get("MaxInputBytesPerBatch")
    batch: list[Any] = []
    size = 0
    for item in items:
        weight = len(dumps(item).encode()) + 1 if most_bytes else 0
        if batch and (len(batch) == most or (most_bytes and size + weight > most_bytes)):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += weight
    if batch:
        yield batch


def _json(content: bytes, config: Mapping[str, Any]) -> list[Any]:
    found = _pointed_at(json.loads(content), str(config.get("ItemsPointer", "")))
    if isinstance(found, dict):
        return [{"Key": key, "Value": value} for key, value in found.items()]
    if not isinstance(found, list):
        raise UnreadableItems("the file holds neither a JSON array nor an object")
    return found


def _pointed_at(document: Any, pointer: str) -> Any:
    """What a JSON pointer points at: https://www.rfc-editor.org/rfc/rfc6901."""
    found = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key) if isinstance(found, list) else key]
        except (LookupError, TypeError, ValueError):
            raise UnreadableItems(f"the file has nothing at the ItemsPointer {pointer}") from None
    return found


def _json_lines(content: bytes, _: Mapping[str, Any]) -> list[Any]:
    return [json.loads(line) for line in content.decode("utf-8-sig").splitlines() if line.strip()]


def _csv(content: bytes, config: Mapping[str, Any]) -> list[Any]:
    delimiter = _DELIMITERS[config.get("CSVDelimiter", "COMMA")]
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True)
    filled = [row for row in rows if row]
    given = config.get("CSVHeaderLocation") == "GIVEN"
    headers = config["CSVHeaders"] if given else next(iter(filled), [])
    # Fields beyond the headers are left out, missing ones are empty.
    return [
        {name: row[index] if index < len(row) else "" for index, name in enumerate(headers)}
        for row in (filled if given else filled[1:])
    ]


def _parquet(content: bytes, _: Mapping[str, Any]) -> list[Any]:
    from pyarrow import parquet

    rows: list[Any] = json.loads(json.dumps(parquet.read_table(io.BytesIO(content)).to_pylist(), default=str))
    return rows


_READERS: Mapping[str, Callable[[bytes, Mapping[str, Any]], list[Any]]] = {
    "CSV": _csv,
    "JSON": _json,
    "JSONL": _json_lines,
    "PARQUET": _parquet,
}


def unpacked(content: bytes, key: str) -> bytes:
    """A file's content; one whose name ends in `.gz` is decompressed."""
    return gzip.decompress(content) if key.endswith(".gz") else content
