"""Exporting one shard."""

import json
from datetime import timedelta

from sluiceway.metrics.contracts import MetricFilter
from tests.unit.metrics.exports import BUCKET, NOW, Exports


def test_each_series_and_point_is_a_row_that_keeps_its_dimensions():
    """Nothing is averaged away."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors", FunctionName="f")
    exports.metrics.add("AWS/Lambda", "Errors", FunctionName="g", Resource="g:1")
    exports.run(minutes=5)
    rows = exports.rows()
    assert len(rows) == 2 * 30
    assert {tuple(row["dimensions"]) for row in rows} == {
        (("FunctionName", "f"),),
        (("FunctionName", "g"), ("Resource", "g:1")),
    }


def test_times_are_utc_and_values_belong_to_them():
    """The fake's value is the minute of the day."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors")
    exports.run(minutes=5)
    assert [(row["timestamp"].minute, row["value"]) for row in exports.rows()] == [(m, m) for m in range(30)]
    assert str(exports.table(exports.files()[0]).schema.field("timestamp").type) == "timestamp[us, tz=UTC]"


def test_percentiles_and_units_are_columns():
    """Whatever statistic is asked for has its own rows."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Duration")
    wanted = MetricFilter(namespace="AWS/Lambda", statistics=("p50", "p99.9"), unit="Milliseconds")
    exports.run(minutes=5, metrics=(wanted,))
    assert {(row["statistic"], row["unit"]) for row in exports.rows()} == {
        ("p50", "Milliseconds"),
        ("p99.9", "Milliseconds"),
    }


def test_a_point_takes_at_most_eight_bytes():
    """Dictionaries, deltas and Zstandard; the figure of GOALS for files that are worth counting."""
    exports = Exports()
    for number in range(60):
        exports.metrics.add("AWS/Lambda", "Errors", FunctionName=f"f{number}")
    done = exports.run(minutes=5)
    assert done.bytes / done.datapoints <= 8


def test_the_namespace_is_one_folder_whatever_it_is_called():
    """Slashes are percent-encoded, as Hive and pyarrow read them."""
    exports = Exports()
    exports.metrics.add("/aws/sagemaker/Endpoints", "CPUUtilization", EndpointName="e")
    exports.run(minutes=5, metrics=(MetricFilter(namespace="/aws/sagemaker/Endpoints"),))
    assert exports.files() == [
        "metrics/date=2026-11-21/namespace=%2Faws%2Fsagemaker%2FEndpoints/part-000.parquet"
    ]


def test_json_lines_are_written_on_demand():
    """Beside the Parquet files, where no reader of those stumbles over them."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors", FunctionName="f")
    done = exports.run(minutes=5, formats=("parquet", "json"))
    (key,) = exports.files("metrics/_json/date=")
    first = json.loads(exports.objects.get(BUCKET, key).splitlines()[0])
    assert done.datapoints == 30
    assert first["dimensions"] == {"FunctionName": "f"}
    assert first["timestamp"] == "2026-11-21T00:00:00Z"


def test_a_series_without_points_leaves_no_file():
    """CloudWatch lists series that have no point on the day."""
    exports = Exports()
    exports.metrics.add("AWS/Lambda", "Errors")
    exports.metrics.silent_before = NOW + timedelta(days=1)
    assert exports.run(minutes=5).datapoints == 0
    assert exports.files() == []
