"""How an export is cut into calls and tasks."""

from datetime import UTC, datetime, timedelta

from sluiceway.metrics.contracts import MetricFilter, Query, Series
from sluiceway.metrics.sharding import MAX_SHARDS, queries_of, requests_of, shards_of
from sluiceway.metrics.time_range import TimeRange

START = datetime(2026, 11, 21, tzinfo=UTC)


def day(minutes: int = 1440) -> TimeRange:
    return TimeRange(START, START + timedelta(minutes=minutes))


def queries(count: int) -> tuple[Query, ...]:
    series = [Series(namespace="N", metric=f"m{at:05}", dimensions=()) for at in range(count)]
    return tuple(Query(series=each, statistic="Sum") for each in series)


def test_a_call_never_asks_for_more_points_than_it_may_get():
    """70 series of a whole day at a point a minute are 100,800."""
    requests = list(requests_of({"N": queries(141)}, [day()], 60))
    assert [len(request.queries) for request in requests] == [70, 70, 1]
    assert [request.part for request in requests] == [0, 1, 2]


def test_a_call_never_asks_more_than_500_queries():
    """The other limit of GetMetricData."""
    requests = list(requests_of({"N": queries(501)}, [day(10)], 60))
    assert [len(request.queries) for request in requests] == [500, 1]


def test_a_file_holds_one_day_of_one_namespace():
    """So that a partition can be replaced by itself."""
    days = [day(), TimeRange(START + timedelta(days=1), START + timedelta(days=1, hours=1))]
    requests = list(requests_of({"A": queries(1), "B": queries(1)}, days, 60))
    assert [(each.date, each.namespace) for each in requests] == [
        ("2026-11-21", "A"),
        ("2026-11-21", "B"),
        ("2026-11-22", "A"),
        ("2026-11-22", "B"),
    ]


def test_overlapping_filters_ask_each_statistic_of_a_series_once():
    """Two filters may want the same series."""
    series = Series(namespace="N", metric="m", dimensions=(("a", "1"),))
    found = [
        (MetricFilter(namespace="N", statistics=("Sum", "p99")), series),
        (MetricFilter(namespace="N", metric_names=("m",), statistics=("Sum",)), series),
    ]
    assert [query.statistic for query in queries_of(found)["N"]] == ["Sum", "p99"]


def test_the_number_of_tasks_stays_bounded():
    """However many requests, the list of shards fits into a state."""
    requests = list(requests_of({"N": queries(2_600)}, [day()] * 100, 60))
    shards = list(shards_of(requests, export_id="e", formats=("parquet",)))
    assert len(shards) <= MAX_SHARDS
    assert sum(len(shard.requests) for shard in shards) == len(requests)
