"""The columns of a model's signature: what each accepts, and its values as a numpy array."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from containers.model_server.refusal import Refused, bad_request

Array = np.ndarray[Any, Any]
_NULL = type(None)
_LARGEST_FLOAT = float(np.finfo("float32").max)


@dataclass(frozen=True)
class Column:
    """One named input of the signature; `type` is MLflow's name of it."""

    name: str
    type: str
    required: bool


def convert(column: Column, values: Sequence[object]) -> Array:
    """The JSON values of a column as an array of its type, or `Refused` that names the first wrong one."""
    try:
        array = _CONVERTERS[column.type](values)
    except (TypeError, ValueError, OverflowError):
        raise _first_wrong(column, values) from None
    if column.required and column.type not in _NAN_TYPES and None in values:
        raise _first_wrong(column, values)
    return array


def expected(column: Column) -> str:
    """What a column takes, for a person."""
    return f"{column.type} ({_DESCRIPTIONS[column.type]})"


def null_refused(column: Column, row: int) -> Refused:
    """A missing value in a column that the signature says always has one."""
    return bad_request(
        f"column {column.name!r}, row {row}: null is not allowed, expected {expected(column)}; "
        f"log the model with a signature where this column is not required to allow it"
    )


def _first_wrong(column: Column, values: Sequence[object]) -> Refused:
    for row, value in enumerate(values):
        if value is None:
            if column.required and column.type not in _NAN_TYPES:
                return null_refused(column, row)
            continue
        try:
            _CONVERTERS[column.type]([value])
        except (TypeError, ValueError, OverflowError):
            return bad_request(
                f"column {column.name!r}, row {row}: expected {expected(column)}, got {_shown(value)}"
            )
    return bad_request(f"column {column.name!r}: expected {expected(column)}")


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text[:60]}… " if len(text) > 60 else f"{text} ({type(value).__name__})"


def _numbers(values: Sequence[object]) -> Array:
    if not set(map(type, values)) <= {float, int, _NULL}:
        raise TypeError
    return np.array(values, dtype="float64")


def _small_numbers(values: Sequence[object]) -> Array:
    numbers = _numbers(values)
    if (np.abs(numbers) > _LARGEST_FLOAT).any():
        raise OverflowError  # numpy would make it infinity
    return numbers.astype("float32")


def _whole_numbers(dtype: str) -> Callable[[Sequence[object]], Array]:
    def convert_whole_numbers(values: Sequence[object]) -> Array:
        kinds = set(map(type, values))
        if kinds == {int}:
            return np.array(values, dtype=dtype)
        if not kinds <= {float, int, _NULL}:
            raise TypeError
        if _NULL in kinds:  # as pandas does: whole numbers with gaps are floats
            _whole_numbers(dtype)([value for value in values if value is not None])
            return np.array(values, dtype="float64")
        return _integral(np.array(values, dtype="float64"), dtype)

    return convert_whole_numbers


def _integral(floats: Array, dtype: str) -> Array:
    limits = np.iinfo(dtype)
    if not ((floats == np.floor(floats)) & (floats >= limits.min) & (floats < -float(limits.min))).all():
        raise ValueError
    return floats.astype(dtype)


def _instances(*kinds: type) -> Callable[[Sequence[object]], Array]:
    def convert_instances(values: Sequence[object]) -> Array:
        if not set(map(type, values)) <= {*kinds, _NULL}:
            raise TypeError
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array

    return convert_instances


def _booleans(values: Sequence[object]) -> Array:
    array = _instances(bool)(values)
    return array if None in values else array.astype("bool")


def _binaries(values: Sequence[object]) -> Array:
    from base64 import b64decode

    texts = _instances(str)(values)
    return _instances(bytes)([None if text is None else b64decode(text, validate=True) for text in texts])


def _datetimes(values: Sequence[object]) -> Array:
    texts = _instances(str)(values)
    times = pd.to_datetime(pd.Series(texts, dtype=object), utc=True, format="ISO8601")
    if times.isna().sum() != sum(text is None for text in values):
        raise ValueError  # pandas takes empty text, among others, for no time
    return np.asarray(times.dt.tz_localize(None).dt.as_unit("ns"))


_CONVERTERS: dict[str, Callable[[Sequence[object]], Array]] = {
    "boolean": _booleans,
    "integer": _whole_numbers("int32"),
    "long": _whole_numbers("int64"),
    "float": _small_numbers,
    "double": _numbers,
    "string": _instances(str),
    "binary": _binaries,
    "datetime": _datetimes,
}
_DESCRIPTIONS = {
    "boolean": "true or false",
    "integer": "a whole number of 32 bits",
    "long": "a whole number",
    "float": "a number of 32 bits",
    "double": "a number",
    "string": "a string",
    "binary": "a base64 string",
    "datetime": "an ISO 8601 string, of the years 1678 to 2261",
}
_NAN_TYPES = frozenset({"float", "double"})
"""Types that have a missing value of their own, NaN: MLflow lets it pass, required or not."""

TYPES = frozenset(_CONVERTERS)
"""The column types that are enforced here; a signature with others is left to MLflow."""
