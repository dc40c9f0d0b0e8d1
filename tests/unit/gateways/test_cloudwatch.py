"""What is asked of CloudWatch, and how its pages become points. Answers come over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways import cloudwatch
from sluiceway.metrics.contracts import DataRequest, MetricFilter, Query, Series

START = datetime(2026, 11, 21, tzinfo=UTC)


class Stub(ThreadingHTTPServer):
    """Answers each request with the next of `answers`, and keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []


class _Answer(BaseHTTPRequestHandler):
    server: Stub

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = json.dumps(self.server.answers.pop(0)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def stub(monkeypatch) -> Iterator[Stub]:
    server = Stub()
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield server
    server.shutdown()


def request(*metrics: str) -> DataRequest:
    series = [Series(namespace="N", metric=name, dimensions=(("a", "1"),)) for name in metrics]
    return DataRequest(
        date="2026-11-21",
        namespace="N",
        part=0,
        start=START,
        end=START + timedelta(hours=1),
        period=60,
        queries=tuple(Query(series=each, statistic="p99", unit="Count") for each in series),
    )


def result(at: int, seconds: list[Any], values: list[float], status: str = "Complete") -> dict[str, Any]:
    return {"Id": f"q{at}", "Timestamps": seconds, "Values": values, "StatusCode": status, "Label": "x"}


def test_all_pages_of_an_answer_are_put_together(stub):
    """A series may be spread over pages, and a page may hold some series only."""
    stub.answers = [
        {"MetricDataResults": [result(0, [1.0], [10], "PartialData")], "NextToken": "more"},
        {"MetricDataResults": [result(0, [2.0], [20]), result(1, [1.0], [30])]},
    ]
    first, second = cloudwatch.connect().points(request("m", "n"))
    assert (first.timestamps, first.values) == ([1.0, 2.0], [10, 20])
    assert (second.timestamps, second.values) == ([1.0], [30])
    assert stub.asked[1]["NextToken"] == "more"


def test_a_query_names_its_series_statistic_and_unit(stub):
    """One query asks for one statistic of one series with all its dimensions."""
    stub.answers = [{"MetricDataResults": []}]
    cloudwatch.connect().points(request("m"))
    (query,) = stub.asked[0]["MetricDataQueries"]
    metric = {"Namespace": "N", "MetricName": "m", "Dimensions": [{"Name": "a", "Value": "1"}]}
    assert query["MetricStat"] == {"Metric": metric, "Period": 60, "Stat": "p99", "Unit": "Count"}


def test_timestamps_as_text_are_understood(stub):
    """Endpoints that answer in ISO 8601 tell the same times."""
    stub.answers = [{"MetricDataResults": [result(0, ["2026-11-21T00:00:00Z"], [1])]}]
    (points,) = cloudwatch.connect().points(request("m"))
    assert points.timestamps == [START.timestamp()]


def test_an_internal_error_of_a_query_is_tried_again_later(stub):
    """CloudWatch reports it for each query, under status 200."""
    stub.answers = [{"MetricDataResults": [result(0, [], [], "InternalError")]}]
    with pytest.raises(ServiceUnavailable, match="InternalError"):
        cloudwatch.connect().points(request("m"))


def test_listing_goes_through_all_pages_with_the_filter(stub):
    """ListMetrics gives 500 series at once."""
    metric = {"Namespace": "N", "MetricName": "m", "Dimensions": [{"Name": "b", "Value": "2"}]}
    stub.answers = [{"Metrics": [metric], "NextToken": "more"}, {"Metrics": [metric]}]
    chosen = MetricFilter(namespace="N", metric_names=("m",), dimensions={"b": None})
    series = list(cloudwatch.connect().series(chosen))
    assert [each.dimensions for each in series] == [(("b", "2"),)] * 2
    assert stub.asked[0] == {"Namespace": "N", "MetricName": "m", "Dimensions": [{"Name": "b"}]}
