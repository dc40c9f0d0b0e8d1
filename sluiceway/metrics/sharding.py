"""How an export is cut into calls and tasks that stay within CloudWatch's limits. Pure rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from math import ceil

from sluiceway.metrics.contracts import DataRequest, Format, MetricFilter, Query, Series, Shard
from sluiceway.metrics.time_range import TimeRange

MAX_QUERIES = 500
MAX_DATAPOINTS = 100_800
"""Of one `GetMetricData` call (CloudWatch quotas)."""
REQUESTS_PER_SHARD = 20
MAX_SHARDS = 100
"""Keeps the list of URIs in the state under 16 KiB, and the Map far from its history limit."""


def queries_of(found: Iterable[tuple[MetricFilter, Series]]) -> dict[str, tuple[Query, ...]]:
    """Namespace → its queries in a fixed order, each once however many filters ask for it."""
    wanted: dict[str, set[Query]] = defaultdict(set)
    for metric_filter, series in found:
        wanted[series.namespace].update(
            Query(series=series, statistic=statistic, unit=metric_filter.unit)
            for statistic in metric_filter.statistics
        )
    return {namespace: tuple(sorted(wanted[namespace], key=_order)) for namespace in sorted(wanted)}


def _order(query: Query) -> tuple[str, tuple[tuple[str, str], ...], str, str]:
    return query.series.metric, query.series.dimensions, query.statistic, query.unit or ""


def requests_of(
    queries: Mapping[str, Sequence[Query]], days: Sequence[TimeRange], period: int
) -> Iterator[DataRequest]:
    """One request for each day and namespace, or several parts where the limits of a call ask for it."""
    for day in days:
        points = ceil((day.end - day.start) / timedelta(seconds=period))
        size = max(1, min(MAX_QUERIES, MAX_DATAPOINTS // points))
        for namespace, wanted in queries.items():
            for part, first in enumerate(range(0, len(wanted), size)):
                yield DataRequest(
                    date=f"{day.start:%Y-%m-%d}",
                    namespace=namespace,
                    part=part,
                    start=day.start,
                    end=day.end,
                    period=period,
                    queries=tuple(wanted[first : first + size]),
                )


def shards_of(
    requests: Sequence[DataRequest], *, export_id: str, formats: tuple[Format, ...]
) -> Iterator[Shard]:
    """Deal the requests out to as few tasks as is sensible, never more than `MAX_SHARDS`."""
    size = max(REQUESTS_PER_SHARD, ceil(len(requests) / MAX_SHARDS))
    for first in range(0, len(requests), size):
        yield Shard(export_id=export_id, formats=formats, requests=tuple(requests[first : first + size]))
