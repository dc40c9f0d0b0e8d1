"""What an expression of metric math works on: numbers, series, and arrays of series.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace


class InvalidMath(ValueError):
    """An expression that AWS refuses, or that is not done here; its message is for whoever wrote it."""


@dataclass(frozen=True)
class Series:
    """A time series: values by the start of their period, in seconds since 1970."""

    points: Mapping[int, float]
    period: int
    label: str = ""

    def map(self, change: Callable[[float], float]) -> "Series":
        """Each value changed."""
        return replace(self, points={at: change(value) for at, value in self.points.items()})


@dataclass(frozen=True)
class Array:
    """Several time series, as SEARCH and METRICS give them."""

    members: Sequence[Series] = field(default_factory=tuple)


Value = float | Series | Array


def combine(left: Value, right: Value, change: Callable[[float, float], float | None]) -> Value:
    """Two values, point by point: where one of two series has no point there is none.

    `change` gives None where there is no result, as for a division by zero.
    """
    if isinstance(left, Array) or isinstance(right, Array):
        return _combine_arrays(left, right, change)
    if isinstance(left, Series) and isinstance(right, Series):
        common = left.points.keys() & right.points.keys()
        pairs = {at: change(left.points[at], right.points[at]) for at in sorted(common)}
        return replace(left, points=_existing(pairs), period=max(left.period, right.period))
    if isinstance(left, Series) and not isinstance(right, Series):
        return replace(left, points=_existing({at: change(each, right) for at, each in left.points.items()}))
    if isinstance(right, Series) and not isinstance(left, Series):
        return replace(right, points=_existing({at: change(left, each) for at, each in right.points.items()}))
    found = change(float(left), float(right))  # type: ignore[arg-type]
    return float("nan") if found is None else found


def _combine_arrays(left: Value, right: Value, change: Callable[[float, float], float | None]) -> Value:
    if isinstance(left, Array) and isinstance(right, Array):
        raise InvalidMath("Two arrays of time series cannot be combined; reduce one of them first")
    array, other, swapped = (left, right, False) if isinstance(left, Array) else (right, left, True)
    if not isinstance(array, Array):
        raise InvalidMath("An array of time series is needed")
    found = [
        combine(other, each, change) if swapped else combine(each, other, change) for each in array.members
    ]
    return Array([each for each in found if isinstance(each, Series)])


def _existing(points: Mapping[int, float | None]) -> dict[int, float]:
    return {at: value for at, value in points.items() if value is not None}
