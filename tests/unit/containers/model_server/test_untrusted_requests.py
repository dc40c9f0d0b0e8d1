"""Whatever is sent, the answer is right or a 4xx that says why: nothing is lost, guessed, or a 500."""

import gzip
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from containers.model_server.columns import Column
from containers.model_server.inputs import ColumnInputs, MlflowInputs, TensorInputs
from containers.model_server.layout import Layout
from containers.model_server.loading import _served, inputs_of
from tests.unit.containers.model_server.servers import ask, served

ARROW = "application/vnd.apache.arrow.stream"


def taking(kind: str) -> Any:
    """A model of one column `x` that answers with its input."""
    layout = Layout((Column("x", kind, True),))
    return served(lambda frame: frame, ColumnInputs(layout))


def arrow(table: pa.Table) -> bytes:
    """The table as a stream."""
    sink = BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("value", ["9999-12-31", "1500-01-01", "", "NaT"])
def test_a_time_that_does_not_fit_is_refused_not_changed(value: str) -> None:
    """Nanoseconds in 64 bits reach from 1678 to 2261; what lies outside would become another year."""
    status, answer = ask({"inputs": {"x": [value]}}, taking("datetime"))
    assert (status, "row 0: expected datetime" in answer["message"]) == (400, True)


def test_a_number_that_does_not_fit_32_bits_is_refused() -> None:
    """numpy would make it infinity."""
    assert ask({"inputs": {"x": [1e300]}}, taking("float"))[0] == 400
    assert ask({"inputs": {"x": [1e300]}}, taking("double"))[0] == 200


def test_times_and_bytes_are_answered_as_mlflow_writes_them() -> None:
    """ISO 8601 and base64; a missing time is null."""
    frame = pd.DataFrame({"t": [pd.Timestamp("2024-01-02"), pd.NaT], "b": [b"\0", None]})
    _, answer = ask({"instances": [["UA", 7, 1.5]]}, served(lambda _: frame))
    assert answer["predictions"] == [{"t": "2024-01-02T00:00:00", "b": "AA=="}, {"t": None, "b": None}]
    _, answer = ask({"instances": [["UA", 7, 1.5]]}, served(lambda _: frame["t"].to_numpy()))
    assert answer["predictions"] == ["2024-01-02T00:00:00", None]


def test_columns_of_one_name_are_not_answered_as_one() -> None:
    """The second would take the first's place."""
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    status, answer = ask({"instances": [["UA", 7, 1.5]]}, served(lambda _: frame))
    assert (status, "the same name" in answer["message"]) == (500, True)


def test_an_answer_that_is_no_table_asks_for_json() -> None:
    """That the client accepts only CSV is not the model's fault."""
    body = {"instances": [["UA", 7, 1.5]]}
    status, answer = ask(body, served(lambda _: {"a": 1}), accept="text/csv")
    assert (status, answer["error_code"]) == (406, "NOT_ACCEPTABLE")


def test_what_follows_the_gzip_data_is_not_overlooked() -> None:
    """A second part would be rows that nobody answers."""
    body = gzip.compress(b'{"instances": [["UA", 7, 1.5]]}')
    assert ask(body + gzip.compress(b" "), content_encoding="gzip")[0] == 400


def test_a_length_of_thousands_of_digits_is_too_large() -> None:
    """Python raises on such numbers."""
    assert ask(b"{}", content_length="9" * 5000)[0] == 413


def test_a_csv_row_may_be_longer_than_a_block_of_arrow() -> None:
    """A document, say."""
    status, answer = ask(b"x\n" + b"y" * 900_000 + b"\n", taking("string"), content_type="text/csv")
    assert (status, len(answer["predictions"][0]["x"])) == (200, 900_000)


def test_damaged_arrow_is_refused() -> None:
    """Names, texts and offsets are checked: Arrow itself would read outside the body."""
    whole = arrow(pa.table({"x": pa.array(["hello", "world"])}))
    offsets = np.array([0, 5, 10], "int32").tobytes()
    for damaged in (
        whole.replace(offsets, np.array([0, 5, 2**20], "int32").tobytes()),
        whole.replace(b"hello", b"\xff\xffllo"),
        whole.replace(b"x\0\0\0", b"\xff\0\0\0"),
    ):
        assert damaged != whole
        assert ask(damaged, taking("string"), content_type=ARROW)[0] == 400


def test_the_newer_types_of_arrow_are_texts_and_bytes_too() -> None:
    """Polars writes views."""
    body = arrow(pa.table({"x": pa.array(["a"], pa.string_view())}))
    assert ask(body, taking("string"), content_type=ARROW) == (200, {"predictions": [{"x": "a"}]})


def test_a_table_without_columns_is_no_tensor() -> None:
    """It says what was expected."""
    inputs = TensorInputs(np.dtype("float32"), (-1, 2))
    status, answer = ask(arrow(pa.table({})), served(len, inputs), content_type=ARROW)
    assert (status, "got no columns" in answer["message"]) == (400, True)


@pytest.mark.parametrize(
    "body",
    [
        {"inputs": None},
        {"inputs": []},
        {"dataframe_split": {}},
        {"dataframe_split": [1]},
        {"dataframe_records": "a"},
    ],
)
def test_nothing_is_not_asked_of_a_model_without_a_signature(body: dict[str, Any]) -> None:
    """Its own error would be a 500."""
    assert ask(body, served(len, MlflowInputs()))[0] == 400


def test_texts_in_a_tensor_are_left_to_mlflow() -> None:
    """Numbers are checked here, texts there."""
    from mlflow.types import Schema, TensorSpec

    assert isinstance(inputs_of(Schema([TensorSpec(np.dtype("str"), (-1,))])), MlflowInputs)


class Counting:
    """A model that answers with the number of its tensors."""

    def predict(self, data: dict[str, Any]) -> int:
        """How many there are."""
        assert all(isinstance(tensor, np.ndarray) for tensor in data.values())
        return len(data)


def test_named_tensors_are_read_and_refused_as_mlflow_does() -> None:
    """It enforces them, and what it raises is the request's fault."""
    from mlflow.models import Model, ModelSignature
    from mlflow.pyfunc import PyFuncModel
    from mlflow.types import Schema, TensorSpec

    schema = Schema([TensorSpec(np.dtype("float64"), (-1, 2), name) for name in ("a", "b")])
    meta = Model(signature=ModelSignature(schema), flavors={"python_function": {"loader_module": "x"}})
    model = _served(PyFuncModel(meta, Counting()))
    assert ask({"inputs": {"a": [[1.0, 2.0]], "b": [[1.0, 2.0]]}}, model) == (200, {"predictions": 2})
    for wrong in ({"a": [[1.0, 2.0]]}, {"a": [["x", "y"]], "b": [[1.0, 2.0]]}, {"a": 1, "b": [[1], [1, 2]]}):
        assert ask({"inputs": wrong}, model)[0] == 400
