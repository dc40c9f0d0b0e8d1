"""CloudWatch metrics: which series there are, and their points. All pages, and no datetime for each point."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.aws_errors import asking
from sluiceway.metrics.contracts import DataRequest, MetricFilter, Query, Series

MAX_DATAPOINTS = 100_800


@dataclass(frozen=True)
class Points:
    """The answer to one query: seconds since the epoch, ascending, and the value at each."""

    timestamps: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


class MetricStore(Protocol):
    """Where metrics are asked for."""

    def series(self, metric_filter: MetricFilter) -> Iterator[Series]:
        """Every series that matches the filter and had a point in the last two weeks."""
        ...

    def points(self, request: DataRequest) -> list[Points]:
        """The answers to the queries of a request, in their order."""
        ...


class CloudWatch:
    """`MetricStore` on Amazon CloudWatch."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def series(self, metric_filter: MetricFilter) -> Iterator[Series]:
        """Page through ListMetrics, once for each metric name that the filter gives."""
        for name in metric_filter.metric_names or (None,):
            pages = self._client.get_paginator("list_metrics").paginate(**_listing(metric_filter, name))
            with asking("CloudWatch", f"ListMetrics {metric_filter.namespace}"):
                for page in pages:
                    yield from map(_series, page["Metrics"])

    def points(self, request: DataRequest) -> list[Points]:
        """Page through GetMetricData and put the pieces of each series together."""
        answers = [Points() for _ in request.queries]
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[_query(at, query, request.period) for at, query in enumerate(request.queries)],
            StartTime=request.start,
            EndTime=request.end,
            ScanBy="TimestampAscending",
            MaxDatapoints=MAX_DATAPOINTS,
        )
        with asking("CloudWatch", f"GetMetricData {request.namespace}"):
            for page in pages:
                _collect(page["MetricDataResults"], answers)
        return answers


def connect() -> CloudWatch:
    """Open a client whose session leaves timestamps as they come.

    Of the time that botocore takes to read an answer, 93 % goes into making a datetime of each timestamp.
    """
    import botocore.session
    from botocore.config import Config

    session = botocore.session.get_session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=epoch_seconds)
    config = Config(retries={"mode": "adaptive", "max_attempts": 8}, max_pool_connections=16)
    return CloudWatch(session.create_client("cloudwatch", config=config))


def epoch_seconds(value: float | str) -> float:
    """Seconds since the epoch: a number already in JSON and CBOR answers, ISO 8601 text in XML ones."""
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else value


def _listing(metric_filter: MetricFilter, name: str | None) -> dict[str, Any]:
    wanted: dict[str, Any] = {"Namespace": metric_filter.namespace}
    if name:
        wanted["MetricName"] = name
    if metric_filter.dimensions:
        wanted["Dimensions"] = [
            {"Name": key} if value is None else {"Name": key, "Value": value}
            for key, value in metric_filter.dimensions.items()
        ]
    return wanted


def _series(metric: Mapping[str, Any]) -> Series:
    dimensions = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
    return Series(namespace=metric["Namespace"], metric=metric["MetricName"], dimensions=tuple(dimensions))


def _query(at: int, query: Query, period: int) -> dict[str, Any]:
    series = query.series
    metric = {
        "Namespace": series.namespace,
        "MetricName": series.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions],
    }
    statistic: dict[str, Any] = {"Metric": metric, "Period": period, "Stat": query.statistic}
    if query.unit:
        statistic["Unit"] = query.unit
    return {"Id": f"q{at}", "MetricStat": statistic}


def _collect(results: Sequence[Mapping[str, Any]], answers: Sequence[Points]) -> None:
    for result in results:
        if result["StatusCode"] in ("InternalError", "Forbidden"):
            raise ServiceUnavailable(f"CloudWatch answered {result['StatusCode']} for {result.get('Label')}")
        points = answers[int(result["Id"][1:])]
        points.timestamps.extend(result["Timestamps"])
        points.values.extend(result["Values"])
