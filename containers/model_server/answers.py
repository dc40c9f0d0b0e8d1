"""Answers as JSON (`{"predictions": …}`, as MLflow's server gives it), CSV or an Arrow stream."""

from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from containers.model_server.refusal import Refused

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def to_json(answer: Any) -> bytes:
    """`{"predictions": …}`; NaN and infinity, which JSON does not have, become null."""
    return orjson.dumps({"predictions": _plain(answer)}, default=_other, option=_OPTIONS)


def to_csv(answer: Any) -> bytes:
    """A header and one line for each row."""
    sink = BytesIO()
    pyarrow.csv.write_csv(to_table(answer), sink)
    return sink.getvalue()


def to_arrow(answer: Any) -> bytes:
    """An Arrow stream of one table."""
    table, sink = to_table(answer), BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def to_table(answer: Any) -> pa.Table:
    """One column `predictions`, or one for each column of the model's output."""
    if isinstance(answer, pd.DataFrame):
        return pa.Table.from_pandas(answer, preserve_index=False)
    array = np.asarray(answer)
    if array.ndim != 2:
        return pa.table({"predictions": pa.array(list(array))})
    return pa.table({str(at): pa.array(array[:, at]) for at in range(array.shape[1])})


def _plain(answer: Any) -> Any:
    if isinstance(answer, np.ndarray) and answer.dtype.kind == "M":
        return answer.astype("datetime64[us]").tolist()
    if isinstance(answer, np.ndarray):
        return np.ascontiguousarray(answer) if answer.dtype.kind in "iuf" else answer.tolist()
    if isinstance(answer, pd.DataFrame):
        if not answer.columns.is_unique:
            raise ValueError("two of its columns have the same name")
        return answer.to_dict(orient="records")
    return answer.tolist() if isinstance(answer, pd.Series) else answer


def _other(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, pd.DataFrame | pd.Series):
        return _plain(value)
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError


WRITERS: dict[str, Callable[[Any], bytes]] = {
    "application/json": to_json,
    "text/csv": to_csv,
    "application/vnd.apache.arrow.stream": to_arrow,
}
_ANY = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/csv"}


def accepted_type(accept: str) -> str:
    """The first content type in an Accept header that can be written."""
    if not accept or accept in WRITERS:
        return accept or "application/json"
    for choice in accept.split(","):
        name = choice.partition(";")[0].strip().lower()
        if (name := _ANY.get(name, name)) in WRITERS:
            return name
    raise Refused(406, "NOT_ACCEPTABLE", f"cannot answer as {accept!r}; can as {', '.join(WRITERS)}")
