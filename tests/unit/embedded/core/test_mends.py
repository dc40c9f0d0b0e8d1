"""The pure parts of the mends."""

import json
from typing import Any

import pytest

from embedded.mends import embedded_metrics


def _emf(**changes: Any) -> str:
    directive = {"Namespace": "N", "Dimensions": [["a"]], "Metrics": [{"Name": "M", "Unit": "Count"}]}
    meta = {"Timestamp": 2000, "CloudWatchMetrics": [directive | changes]}
    return json.dumps({"_aws": meta, "a": "x", "b": "y", "M": [1, 2]})


def test_an_embedded_metric_is_read() -> None:
    """Namespace, name, dimensions, time, unit and every value."""
    (found,) = embedded_metrics.read(_emf())
    assert (found.namespace, found.name, found.at, found.unit) == ("N", "M", 2.0, "Count")
    assert (found.dimensions, found.values) == ({"a": "x"}, [1.0, 2.0])


def test_each_set_of_dimensions_is_a_metric() -> None:
    """Two dimension sets: two metrics; none at all: one without dimensions."""
    assert [found.dimensions for found in embedded_metrics.read(_emf(Dimensions=[["a"], ["a", "b"]]))] == [
        {"a": "x"},
        {"a": "x", "b": "y"},
    ]
    assert [found.dimensions for found in embedded_metrics.read(_emf(Dimensions=[]))] == [{}]


@pytest.mark.parametrize(
    "message", ["plain", '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": [{}]}}', '"_aws"{']
)
def test_a_malformed_metric_is_a_log_line(message: str) -> None:
    """CloudWatch keeps the line and makes no metric of it."""
    assert list(embedded_metrics.read(message)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Metrics": [{"Name": "gone"}, {"Name": "M"}]}, ["M"]),
        ({"Metrics": [{"Name": "a"}]}, []),
        ({"Metrics": ["M"]}, []),
        ({"Dimensions": [["gone"], ["a"]]}, ["M"]),
        ({"Dimensions": [[str(number) for number in range(31)]]}, []),
        ({"Namespace": 5}, []),
    ],
)
def test_what_is_wrong_in_a_metric_is_left_out(changes: Any, expected: list[str]) -> None:
    """The rest of the document still counts."""
    assert [found.name for found in embedded_metrics.read(_emf(**changes))] == expected


@pytest.mark.parametrize(
    ("now", "number"), [(2, 1), (2 + 14 * 86_400, 1), (3 + 14 * 86_400, 0), (2 - 7_201, 0)]
)
def test_a_metric_has_a_time_that_cloudwatch_takes(now: float, number: int) -> None:
    """Not older than two weeks, nor more than two hours ahead."""
    assert len(list(embedded_metrics.read(_emf(), now=now))) == number
