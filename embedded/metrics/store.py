"""Series from MiniStack's points, between two moments.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from embedded.metrics.search import Metric
from embedded.metrics.values import InvalidMath, Series

_BASIC = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
_PERCENTILE = re.compile(r"p(100|\d{1,2}(\.\d{1,10})?)")


def check_statistic(name: str) -> None:
    """Raise InvalidMath for statistics that are not done here: trimmed means and the like."""
    if name not in _BASIC and not _PERCENTILE.fullmatch(name):
        raise InvalidMath(f"The statistic {name} is not supported here")


class Points:
    """MiniStack's store, as one request sees it."""

    def __init__(self, start: float, end: float) -> None:
        self._start, self._end = start, end

    def read(self, metric: Metric, statistic: str, period: int) -> Series:
        """A statistic of a metric, period by period."""
        from ministack.services import cloudwatch

        check_statistic(statistic)
        key = (metric.namespace, metric.name, cloudwatch._dims_key(dict(metric.dimensions)))
        buckets: Mapping[int, list[Any]] = defaultdict(list)
        for point in list(cloudwatch._metrics.get(key) or []):
            if self._start <= point["Timestamp"] < self._end:
                buckets[int(point["Timestamp"] // period) * period].append(point)
        found = {at: _value(points, statistic) for at, points in sorted(buckets.items())}
        return Series({at: value for at, value in found.items() if value is not None}, period)

    def metrics(self) -> Sequence[Metric]:
        """Every metric that has points."""
        from ministack.services import cloudwatch

        return [
            Metric(namespace, name, tuple(sorted(points[0]["Dimensions"].items())))
            for (namespace, name, _), points in list(cloudwatch._metrics.items())
            if points
        ]

    def moments(self, period: int) -> Sequence[int]:
        """The starts of all periods."""
        return range(int(self._start // period) * period, int(self._end), period)


def _value(points: Sequence[Any], statistic: str) -> float | None:
    from ministack.services import cloudwatch

    statistics = cloudwatch._calc_stats(points)
    if not statistics:
        return None
    value = cloudwatch._stat_value(statistics, statistic, points)
    return None if value is None else float(value)
