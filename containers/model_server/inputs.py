"""How a model takes its input, chosen by its signature: columns, one tensor, or MLflow's own way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from containers.model_server import json_body, tables
from containers.model_server.columns import Array
from containers.model_server.layout import Layout
from containers.model_server.refusal import Refused, bad_request
from containers.model_server.rows import AnyRows, CheckedRows, Params, assemble

JSON_TYPE = "application/json"


class Part(Protocol):
    """What was decoded from one request."""

    @property
    def count(self) -> int:
        """Number of rows."""

    @property
    def params(self) -> Params | None:
        """MLflow's inference parameters, when the request gave any."""


class Inputs(Protocol):
    """Decodes requests, and joins several into one input of the model."""

    @property
    def batchable(self) -> bool:
        """Whether several requests may be answered by one call of the model."""

    def decode(self, body: bytes, content_type: str) -> Any:
        """One request's rows; `Refused` when it cannot be read."""

    def assemble(self, parts: Sequence[Any]) -> Any:
        """What the model is called with; `Refused` when a value does not match the signature."""


@dataclass(frozen=True)
class ColumnInputs:
    """Named columns of plain types, the usual signature: enforced here, many requests at once."""

    layout: Layout
    index: pd.Index = field(init=False)
    batchable: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", pd.Index([column.name for column in self.layout.columns]))

    def decode(self, body: bytes, content_type: str) -> AnyRows:
        """Rows in the signature's order."""
        if content_type == JSON_TYPE:
            return json_body.decode(body, self.layout)
        return tables.to_rows(tables.READERS[content_type](body, self.layout), self.layout)

    def assemble(self, parts: Sequence[AnyRows]) -> pd.DataFrame:
        """A data frame with the signature's columns and types."""
        arrays = assemble(self.layout.columns, parts)
        kinds = {array.dtype for array in arrays}
        if len(kinds) == 1 and kinds.pop().kind in "iuf":
            return pd.DataFrame(np.array(arrays).T, columns=self.index, copy=False)
        return pd.DataFrame(dict(zip(self.index, arrays, strict=True)), copy=False)

    def from_table(self, table: Any) -> CheckedRows:
        """Rows of an Arrow table."""
        return tables.to_rows(table, self.layout)


@dataclass(frozen=True, slots=True)
class Tensor:
    """One request's part of a tensor; the first axis counts rows."""

    array: Array
    params: Params | None

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.array)


@dataclass(frozen=True)
class TensorInputs:
    """One unnamed tensor."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def batchable(self) -> bool:
        """A fixed first axis says that the model takes exactly so many rows."""
        return self.shape[:1] == (-1,)

    def decode(self, body: bytes, content_type: str) -> Tensor:
        """A tensor of the signature's type and shape."""
        if content_type != JSON_TYPE:
            return tensor_of(self, tables.READERS[content_type](body, None))
        name, value, params = json_body.parse(body)
        value = value.get("data") if name == "dataframe_split" and type(value) is dict else value
        return Tensor(self.checked(_nested(value)), params)

    def assemble(self, parts: Sequence[Tensor]) -> Array:
        """All parts along the first axis."""
        return parts[0].array if len(parts) == 1 else np.concatenate([part.array for part in parts])

    def checked(self, array: Array) -> Array:
        """The array in the signature's type; `Refused` when its type or shape does not fit."""
        fits = len(array.shape) == len(self.shape) and all(
            wanted in (-1, size) for wanted, size in zip(self.shape, array.shape, strict=True)
        )
        if not fits or not array.size:
            raise bad_request(f"expected a tensor of shape {self.shape}, got {array.shape}")
        if not np.can_cast(array.dtype, self.dtype, "same_kind"):
            raise bad_request(f"expected a tensor of {self.dtype}, got {array.dtype}")
        return array.astype(self.dtype, copy=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One request's data as MLflow's own code takes it."""

    data: Any
    count: int
    params: Params | None


@dataclass(frozen=True)
class MlflowInputs:
    """Any other signature, or none: the data goes to `PyFuncModel.predict`, which enforces what there is."""

    batchable: bool = False
    convert: Callable[[dict[str, Any]], Any] | None = None
    """Makes tensors of lists as MLflow does; raises `Refused`."""

    def decode(self, body: bytes, content_type: str) -> Parsed:
        """A data frame, or the plain value of `instances` and `inputs`."""
        if content_type != JSON_TYPE:
            table = tables.READERS[content_type](body, None)
            return Parsed(table.to_pandas(), table.num_rows, None)
        name, value, params = json_body.parse(body)
        if name.startswith("dataframe_"):
            data = _frame(name, value)
        else:
            data = self.convert({name: value}) if self.convert and value else value
        count = len(data) if hasattr(data, "__len__") else int(data is not None)
        if not count:
            raise bad_request(f"{name} holds no rows")
        return Parsed(data, count, params)

    def assemble(self, parts: Sequence[Parsed]) -> Any:
        """The data of the only part."""
        return parts[0].data


def tensor_of(inputs: TensorInputs, table: Any) -> Tensor:
    """The rows of an Arrow table as a tensor."""
    if not table.num_columns:
        raise bad_request(f"expected a tensor of shape {inputs.shape}, got no columns")
    return Tensor(inputs.checked(_matrix(table)), None)


def _frame(name: str, value: Any) -> pd.DataFrame:
    kind, expected, build = _TABLES[name]
    if type(value) is not kind:
        raise bad_request(f"{name} is no table: expected {expected}")
    try:
        return build(value)
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_request(f"{name} is no table: {error}") from None


_TABLES: dict[str, tuple[type, str, Callable[[Any], pd.DataFrame]]] = {
    "dataframe_split": (dict, "an object with 'columns' and 'data'", lambda value: pd.DataFrame(**value)),
    "dataframe_records": (list, "a list of objects", pd.DataFrame.from_records),
}


def _matrix(table: Any) -> Array:
    return np.column_stack([column.to_numpy() for column in table.columns])


def _nested(value: Any) -> Array:
    refused: Refused = bad_request("expected numbers in nested lists of one length: 'inputs' or 'instances'")
    try:
        array = np.array(value)
    except ValueError:
        raise refused from None
    if array.dtype.kind not in "iufb" or not array.shape:
        raise refused
    return array
