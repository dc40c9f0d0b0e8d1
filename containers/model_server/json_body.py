"""JSON bodies as MLflow defines them: dataframe_split, dataframe_records, instances or inputs."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from containers.model_server.layout import Layout
from containers.model_server.refusal import bad_request
from containers.model_server.rows import Rows

Named = tuple[tuple[str, ...], Sequence[Sequence[object]], int]
"""Column names, the columns, and the number of rows."""


def parse(body: bytes) -> tuple[str, Any, dict[str, Any] | None]:
    """The one format that the body holds, its value, and the parameters."""
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"the body is not JSON: {error}") from None
    if type(payload) is not dict:
        raise bad_request(f"the body must be a JSON object with one of {_FORMAT_NAMES}")
    params = payload.pop("params", None)
    if params is not None and type(params) is not dict:
        raise bad_request("params must be an object")
    if len(payload) != 1 or (name := next(iter(payload))) not in FORMATS:
        raise bad_request(f"the body must have exactly one of {_FORMAT_NAMES}; it has {list(payload)[:10]}")
    return name, payload[name], params


def decode(body: bytes, layout: Layout) -> Rows:
    """The rows of a JSON body in the signature's order: names are checked now, values when assembled."""
    name, value, params = parse(body)
    names, columns, count = FORMATS[name](value, layout)
    if not count:
        raise bad_request(f"{name} holds no rows")
    absent = (None,) * count
    ordered = [absent if at is None else columns[at] for at in layout.positions(names)]
    return Rows(ordered, count, params)


def _split(value: Any, layout: Layout) -> Named:  # noqa: ARG001
    if type(value) is not dict or not {"columns", "data"} <= value.keys() <= {"columns", "data", "index"}:
        raise bad_request("dataframe_split must be an object with 'columns' and 'data'")
    names, rows = value["columns"], value["data"]
    if type(names) is not list or not all(type(name) is str for name in names):
        raise bad_request("dataframe_split.columns must be a list of strings")
    return tuple(names), _transposed(rows, len(names), "dataframe_split.data"), len(rows)


def _transposed(rows: Any, width: int, where: str) -> Sequence[Sequence[object]]:
    if type(rows) is not list or not set(map(type, rows)) <= {list}:
        raise bad_request(f"{where} must be a list of rows, each a list")
    if wrong := set(map(len, rows)) - {width}:
        row = next(at for at, values in enumerate(rows) if len(values) in wrong)
        raise bad_request(f"{where}, row {row}: {len(rows[row])} values for {width} columns")
    return list(zip(*rows, strict=True))


def _records(value: Any, layout: Layout) -> Named:
    if type(value) is not list or not set(map(type, value)) <= {dict}:
        raise bad_request("dataframe_records must be a list of objects, one for each row")
    names = tuple(dict.fromkeys(name for record in value for name in record))
    if value and len(value[0]) == len(names):
        try:
            return names, [[record[name] for record in value] for name in names], len(value)
        except KeyError:
            pass
    return names, [_column_of(value, name, layout) for name in names], len(value)


def _column_of(records: list[dict[str, object]], name: str, layout: Layout) -> list[object]:
    required = any(column.required and column.name == name for column in layout.columns)
    for row, record in enumerate(records):
        if required and name not in record:
            raise bad_request(f"column {name!r} is missing in row {row}")
    return [record.get(name) for record in records]


def _instances(value: Any, layout: Layout) -> Named:
    if type(value) is list and value and type(value[0]) is dict:
        return _records(value, layout)
    names = tuple(column.name for column in layout.columns)
    if type(value) is list and len(names) == 1 and value and type(value[0]) is not list:
        return names, [value], len(value)
    return names, _transposed(value, len(names), "instances"), len(value)


def _inputs(value: Any, layout: Layout) -> Named:
    if type(value) is not dict:
        return _instances(value, layout)
    if not all(type(values) is list for values in value.values()):
        raise bad_request("inputs must be an object of columns, each a list of values")
    lengths = {len(values) for values in value.values()}
    if len(lengths) > 1:
        raise bad_request(f"the columns in inputs have different lengths: {sorted(lengths)}")
    return tuple(value), list(value.values()), lengths.pop() if lengths else 0


FORMATS: dict[str, Callable[[Any, Layout], Named]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _instances,
    "inputs": _inputs,
}
_FORMAT_NAMES = ", ".join(FORMATS)
