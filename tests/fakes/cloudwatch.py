"""CloudWatch's metrics in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sluiceway.gateways.cloudwatch import Points
from sluiceway.metrics.contracts import DataRequest, MetricFilter, Query, Series


@dataclass
class MemoryMetrics:
    """`MetricStore` in memory: every series has a point each period, whose value is the minute of its day."""

    known: list[Series] = field(default_factory=list)
    silent_before: datetime | None = None
    asked: list[DataRequest] = field(default_factory=list)

    def add(self, namespace: str, metric: str, **dimensions: str) -> Series:
        series = Series(namespace=namespace, metric=metric, dimensions=tuple(sorted(dimensions.items())))
        self.known.append(series)
        return series

    def series(self, metric_filter: MetricFilter) -> Iterator[Series]:
        names = metric_filter.metric_names
        for series in self.known:
            has = dict(series.dimensions)
            fits = all(
                name in has and value in (None, has[name]) for name, value in metric_filter.dimensions.items()
            )
            if (
                fits
                and series.namespace == metric_filter.namespace
                and series.metric in (names or {series.metric})
            ):
                yield series

    def points(self, request: DataRequest) -> list[Points]:
        self.asked.append(request)
        return [self._answer(request, query) for query in request.queries]

    def _answer(self, request: DataRequest, query: Query) -> Points:
        points, moment = Points(), request.start
        while moment < request.end:
            if self.silent_before is None or moment >= self.silent_before:
                points.timestamps.append(moment.timestamp())
                points.values.append(moment.hour * 60.0 + moment.minute)
            moment += timedelta(seconds=request.period)
        return points
