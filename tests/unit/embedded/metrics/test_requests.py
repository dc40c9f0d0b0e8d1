"""GetMetricData: what is refused, in which order, and pages."""

from typing import Any

import pytest

from embedded.mends.metric_data import nested
from embedded.metrics import requests
from embedded.metrics.requests import Result
from embedded.metrics.values import InvalidMath

STAT = {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}


def _query(identity: str = "a", **changes: Any) -> dict[str, Any]:
    return {"Id": identity, "MetricStat": STAT} | changes


def _check(*queries: Any, start: float | None = 0, end: float | None = 60, most: int = 100) -> None:
    requests.check(queries, start=start, end=end, most=most)


def test_a_good_request_is_taken() -> None:
    """500 queries, one of them an expression."""
    _check(*[_query(f"a{number}") for number in range(499)], {"Id": "e", "Expression": "a1 + a2"})


@pytest.mark.parametrize(
    ("queries", "settings"),
    [
        ([], {}),
        ([_query(f"a{number}") for number in range(501)], {}),
        ([_query(), _query()], {}),
        ([_query("A")], {}),
        ([_query(ReturnData=False)], {}),
        ([{"Id": "a"}], {}),
        ([_query(Expression="a")], {}),
        ([_query(MetricStat=STAT | {"Stat": "tm90"})], {}),
        ([_query(MetricStat=STAT | {"Stat": "Median"})], {}),
        ([_query(MetricStat=STAT | {"Period": 61})], {}),
        ([_query(Label="${MAX}")], {}),
        ([_query()], {"start": 60}),
        ([_query()], {"end": None}),
        ([_query()], {"most": 100_801}),
    ],
)
def test_a_bad_request_is_refused(queries: list[Any], settings: Any) -> None:
    """As a ValidationError, never ignored."""
    with pytest.raises(InvalidMath):
        _check(*queries, **settings)


def _walk(most: int) -> list[list[tuple[str, list[int], bool]]]:
    results = [
        Result("a", "a", [(at, 0.0) for at in range(5)]),
        Result("b", "b", []),
        Result("c", "c", [(at, 0.0) for at in range(3)]),
    ]
    pages, token = [], None
    while True:
        found, token = requests.page(results, most=most, token=token)
        pages.append([(each.identity, [at for at, _ in each.points], done) for each, done in found])
        if token is None:
            return pages


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 100])
def test_pages_put_together_are_the_whole(most: int) -> None:
    """Whatever their size; no page has more points than it may."""
    pages = _walk(most)
    assert all(sum(len(points) for _, points, _ in page) <= most for page in pages)
    for identity, expected in (("a", [0, 1, 2, 3, 4]), ("b", []), ("c", [0, 1, 2])):
        found = [at for page in pages for name, points, _ in page if name == identity for at in points]
        assert found == expected
    assert all(done for _, _, done in pages[-1])


def test_a_token_that_nobody_gave_is_refused() -> None:
    """Not taken for the first page."""
    with pytest.raises(InvalidMath, match="NextToken"):
        requests.page([], most=1, token="x")


def test_a_form_is_read_as_its_structure() -> None:
    """The Query protocol's way of nesting."""
    params = {
        "MetricDataQueries.member.1.Id": ["a"],
        "MetricDataQueries.member.2.Id": ["b"],
        "MetricDataQueries.member.10.MetricStat.Metric.Dimensions.member.1.Name": ["n"],
        "MaxDatapoints": ["5"],
    }
    assert nested(params) == {
        "MetricDataQueries": [
            {"Id": "a"}, {"Id": "b"}, {"MetricStat": {"Metric": {"Dimensions": [{"Name": "n"}]}}},
        ],
        "MaxDatapoints": "5",
    }  # fmt: skip
