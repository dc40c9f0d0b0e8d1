"""Decoded rows, in the order of the signature's columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from containers.model_server.columns import Array, Column, convert

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Values as they stood in JSON: not checked yet, so that many requests are checked in one go."""

    columns: Sequence[Sequence[object]]
    count: int
    params: Params | None = field(default=None)


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Values of a CSV, Parquet or Arrow body: arrays of the signature's types already."""

    columns: Sequence[Array]
    count: int
    params: Params | None = field(default=None)


AnyRows = Rows | CheckedRows


def assemble(columns: Sequence[Column], parts: Sequence[AnyRows]) -> list[Array]:
    """One array for each column, of all parts in order; `Refused` when a value is of a wrong type."""
    if all(isinstance(part, Rows) for part in parts):
        return [convert(column, _joined(parts, at)) for at, column in enumerate(columns)]
    checked = [check(columns, part) for part in parts]
    return [np.concatenate([part.columns[at] for part in checked]) for at in range(len(columns))]


def check(columns: Sequence[Column], part: AnyRows) -> CheckedRows:
    """The same rows with their types checked."""
    if isinstance(part, CheckedRows):
        return part
    arrays = [convert(column, values) for column, values in zip(columns, part.columns, strict=True)]
    return CheckedRows(arrays, part.count, part.params)


def _joined(parts: Sequence[AnyRows], at: int) -> Sequence[object]:
    if len(parts) == 1:
        only: Sequence[object] = parts[0].columns[at]  # type: ignore[assignment]
        return only
    return list(chain.from_iterable(part.columns[at] for part in parts))
