"""The CSV that Athena writes: values in quotes, NULL as nothing, everything spelled as Trino spells it.

MiniStack writes Python's: `True`, `nan`, NULL and the empty text alike.
https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

_WORDS = {math.inf: "Infinity", -math.inf: "-Infinity"}


def content(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The file, with the names of the columns as its first line."""
    lines = [",".join(map(_quoted, columns))]
    lines += [",".join("" if value is None else _quoted(text(value)) for value in row) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def text(value: Any) -> str:
    """A value, as it stands in results; NULL inside of others is `null`."""
    return _SPELLINGS.get(type(value), str)(value)


def _float(value: float) -> str:
    return "NaN" if math.isnan(value) else _WORDS.get(value, repr(value))


def _list(values: Sequence[Any]) -> str:
    return "[" + ", ".join(map(text, values)) + "]"


def _row(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{name}={text(value)}" for name, value in values.items()) + "}"


_SPELLINGS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    float: _float,
    bytes: lambda value: value.hex(" "),
    datetime: lambda value: f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}",
    list: _list,
    dict: _row,
    type(None): lambda _: "null",
}
