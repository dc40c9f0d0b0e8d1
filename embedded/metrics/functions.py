"""The functions of metric math that are done here; all others are refused by name.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from embedded.metrics.values import Array, InvalidMath, Series, Value, combine

Reduce = Callable[[Sequence[float]], float]


def reducing(reduce: Reduce) -> Callable[[Sequence[Value]], Value]:
    """A function that makes one number of a series, and one series of an array."""

    def reduced(arguments: Sequence[Value]) -> Value:
        if len(arguments) == 1 and isinstance(arguments[0], Series):
            values = list(arguments[0].points.values())
            return reduce(values) if values else float("nan")
        members = [member for argument in arguments for member in _members(argument)]
        numbers = [float(each) for each in arguments if isinstance(each, int | float)]
        if not members:
            return reduce(numbers) if numbers else Series({}, 60)
        moments = sorted({at for member in members for at in member.points})
        points = {
            at: reduce([*(each.points[at] for each in members if at in each.points), *numbers])
            for at in moments
        }
        return Series(points, max(each.period for each in members))

    return reduced


def _members(value: Value) -> Sequence[Series]:
    if isinstance(value, Array):
        return value.members
    return [value] if isinstance(value, Series) else []


def each_point(change: Callable[[float], float]) -> Callable[[Sequence[Value]], Value]:
    """A function of one argument that changes each value."""
    return each_series(lambda series: series.map(change), number=change)


def each_series(
    change: Callable[[Series], Series], *, number: Callable[[float], float] | None = None
) -> Callable[[Sequence[Value]], Value]:
    """A function of one argument that changes each series."""

    def changed(arguments: Sequence[Value]) -> Value:
        (value,) = _exactly(arguments, 1)
        if isinstance(value, Array):
            return Array([change(member) for member in value.members])
        if isinstance(value, Series):
            return change(value)
        if number is None:
            raise InvalidMath("A time series is needed, not a number")
        return number(float(value))

    return changed


def _exactly(arguments: Sequence[Value], number: int) -> Sequence[Value]:
    if len(arguments) != number:
        raise InvalidMath(f"{number} arguments are needed, there are {len(arguments)}")
    return arguments


def _diff(series: Series) -> Series:
    return replace(
        series, points={at: value - before for (_, before), (at, value) in pairwise(_sorted(series))}
    )


def _rate(series: Series) -> Series:
    pairs = pairwise(_sorted(series))
    return replace(
        series, points={at: (value - before) / (at - then) for (then, before), (at, value) in pairs}
    )


def _running_sum(series: Series) -> Series:
    ordered = _sorted(series)
    sums = accumulate(value for _, value in ordered)
    return replace(series, points=dict(zip((at for at, _ in ordered), sums, strict=True)))


def _sorted(series: Series) -> list[tuple[int, float]]:
    return sorted(series.points.items())


def choose(arguments: Sequence[Value]) -> Value:
    """IF(condition, value, otherwise): where the condition holds the value, else the other, or no point."""
    if len(arguments) not in {2, 3}:
        raise InvalidMath("IF takes a condition, a value, and what to take otherwise")
    condition, value = arguments[0], arguments[1]
    otherwise = arguments[2] if len(arguments) == 3 else None
    if not isinstance(condition, Series):
        if isinstance(condition, Array):
            raise InvalidMath("The condition of IF must be a time series or a number")
        chosen = value if condition else otherwise
        return Series({}, 60) if chosen is None else chosen
    points = {}
    for at, holds in condition.points.items():
        found = _at(value if holds else otherwise, at)
        if found is not None:
            points[at] = found
    return replace(condition, points=points)


def _at(value: Value | None, at: int) -> float | None:
    if isinstance(value, Array):
        raise InvalidMath("IF chooses between time series and numbers")
    return value.points.get(at) if isinstance(value, Series) else value


def divide(left: float, right: float) -> float | None:
    """No point where the divisor is zero."""
    return left / right if right else None


def periods(series: Series) -> Series:
    """The period of a series, as a series."""
    return series.map(lambda _: float(series.period))


def compare(test: Callable[[float, float], bool]) -> Callable[[Value, Value], Value]:
    """An operator that gives 1 where it holds, and 0 where it does not."""
    return lambda left, right: combine(left, right, lambda one, other: float(test(one, other)))


FUNCTIONS: Mapping[str, Callable[[Sequence[Value]], Value]] = {
    "SUM": reducing(math.fsum),
    "AVG": reducing(statistics.fmean),
    "MIN": reducing(min),
    "MAX": reducing(max),
    "DATAPOINT_COUNT": reducing(lambda values: float(len(values))),
    "ABS": each_point(abs),
    "CEIL": each_point(lambda value: float(math.ceil(value))),
    "FLOOR": each_point(lambda value: float(math.floor(value))),
    "DIFF": each_series(_diff),
    "RATE": each_series(_rate),
    "RUNNING_SUM": each_series(_running_sum),
    "PERIOD": each_series(periods),
    "IF": choose,
}
"""Those of values alone; FILL, METRICS, SEARCH and TIME_SERIES need to know more."""
