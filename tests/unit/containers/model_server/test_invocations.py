"""Bodies in every format give the same rows; whatever does not match the signature is named."""

import gzip
from io import BytesIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.unit.containers.model_server.servers import ROW, ask

FRAME = pd.DataFrame([ROW, ROW | {"hour": 9}])


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_records": [ROW]},
        {"dataframe_split": {"columns": ["hour", "carrier"], "data": [[7, "UA"]]}},
        {
            "dataframe_split": {
                "columns": ["wind", "hour", "carrier"],
                "index": [0],
                "data": [[None, 7.0, "UA"]],
            }
        },
        {"instances": [ROW]},
        {"instances": [["UA", 7, 1.5]]},
        {"inputs": {"hour": [7], "carrier": ["UA"]}},
    ],
)
def test_every_json_format_of_mlflow_is_read(body: dict[str, Any]) -> None:
    """In whatever order the columns come, and without optional ones."""
    assert ask(body) == (200, {"predictions": [7]})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"carrier": "UA"}, "column 'hour' is missing: expected long"),
        (ROW | {"hours": 7}, "column 'hours' is not in the signature"),
        (ROW | {"hour": "7"}, "column 'hour', row 0: expected long (a whole number), got '7'"),
        (ROW | {"hour": 7.5}, "column 'hour', row 0: expected long"),
        (ROW | {"hour": True}, "column 'hour', row 0: expected long"),
        (ROW | {"hour": None}, "column 'hour', row 0: null is not allowed"),
        (ROW | {"hour": 2**63}, "column 'hour', row 0: expected long"),
        (ROW | {"carrier": 5}, "column 'carrier', row 0: expected string"),
        (ROW | {"carrier": None}, "column 'carrier', row 0: null is not allowed"),
        (ROW | {"wind": "strong"}, "column 'wind', row 0: expected double"),
    ],
)
def test_a_row_that_does_not_match_names_the_column_and_its_type(row: dict[str, Any], said: str) -> None:
    """400, as JSON."""
    status, answer = ask({"dataframe_records": [row]})
    assert (status, answer["error_code"]) == (400, "BAD_REQUEST")
    assert answer["message"].startswith(said)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"rows": []}',
        b'{"instances": [], "inputs": {}}',
        b'{"dataframe_records": []}',
        b'{"dataframe_split": {"columns": ["hour"], "data": [[1, 2]]}}',
        b'{"inputs": {"hour": [1], "carrier": []}}',
        b'{"dataframe_split": {"columns": [["a"]], "data": []}}',
    ],
)
def test_a_body_that_is_no_request_is_refused(body: bytes) -> None:
    """Never a 500."""
    assert ask(body)[0] == 400


def test_csv_parquet_and_arrow_are_read() -> None:
    """One reader for each content type, one signature for all."""
    parquet, arrow = BytesIO(), BytesIO()
    FRAME.to_parquet(parquet)
    table = pa.Table.from_pandas(FRAME)
    with pa.ipc.new_stream(arrow, table.schema) as stream:
        stream.write_table(table)
    bodies = {
        "text/csv": FRAME.to_csv(index=False).encode(),
        "application/x-parquet": parquet.getvalue(),
        "application/vnd.apache.parquet": parquet.getvalue(),
        "application/vnd.apache.arrow.stream": arrow.getvalue(),
    }
    for content_type, body in bodies.items():
        assert ask(body, content_type=content_type) == (200, {"predictions": [7, 9]}), content_type


def test_a_csv_value_of_a_wrong_type_names_its_column() -> None:
    """Arrow itself counts columns."""
    status, answer = ask(b"carrier,hour\nUA,seven\n", content_type="text/csv")
    assert status == 400
    assert answer["message"].startswith("column 'hour': expected long")


@pytest.mark.parametrize(
    "content_type", ["text/csv", "application/x-parquet", "application/vnd.apache.arrow.stream"]
)
def test_garbage_is_refused_in_every_format(content_type: str) -> None:
    """A 400 that says what it is not."""
    assert ask(b"\x00\xff\x13garbage", content_type=content_type)[0] == 400


def test_answers_come_as_csv_or_arrow_when_asked_for() -> None:
    """By the Accept header."""
    body = b'{"instances": [["UA", 7, 1.5]]}'
    assert ask(body, accept="text/csv")[1] == b'"predictions"\n7\n'
    arrow = ask(body, accept="application/vnd.apache.arrow.stream")[1]
    assert pa.ipc.open_stream(arrow).read_all().to_pydict() == {"predictions": [7]}
    assert ask(body, accept="image/png")[0] == 406


def test_a_gzip_body_is_unpacked_within_the_limit() -> None:
    """A small body may stand for a large one."""
    body = gzip.compress(b'{"instances": [["UA", 7, 1.5]]}')
    assert ask(body, content_encoding="gzip") == (200, {"predictions": [7]})
    assert ask(gzip.compress(b" " * (2 << 20)), content_encoding="gzip")[0] == 413
    assert ask(body[:-9], content_encoding="gzip")[0] == 400
    assert ask(body, content_encoding="br")[0] == 415


def test_other_content_types_are_refused() -> None:
    """415 says which are read."""
    status, answer = ask(b"", content_type="text/html")
    assert (status, answer["error_code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
