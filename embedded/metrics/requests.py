"""GetMetricData: what may be asked, and pages of answers.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded.metrics.evaluation import Evaluation, Store
from embedded.metrics.store import check_statistic
from embedded.metrics.values import Array, InvalidMath, Series, Value

MOST_QUERIES = 500
MOST_DATAPOINTS = 100_800
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")

Query = Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """One line of a graph: moments in seconds since 1970, and their values."""

    identity: str
    label: str
    points: Sequence[tuple[int, float]]


def check(queries: Sequence[Query], *, start: float | None, end: float | None, most: int) -> None:
    """Raise InvalidMath for what AWS answers with a ValidationError."""
    if start is None or end is None or start >= end:
        raise InvalidMath("The parameter StartTime must be less than the parameter EndTime.")
    if not 1 <= len(queries) <= MOST_QUERIES:
        raise InvalidMath(f"The collection MetricDataQueries must have a size between 1 and {MOST_QUERIES}.")
    if not 1 <= most <= MOST_DATAPOINTS:
        raise InvalidMath(f"The parameter MaxDatapoints must be between 1 and {MOST_DATAPOINTS}.")
    check_queries(queries)
    if not any(returns(query) for query in queries):
        raise InvalidMath("At least one of the MetricDataQueries must have ReturnData set to true.")


def check_queries(queries: Sequence[Query]) -> None:
    """Raise InvalidMath for queries that are wrong by themselves."""
    names = [str(query.get("Id", "")) for query in queries]
    if len(set(names)) < len(names):
        raise InvalidMath("The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if not _ID.fullmatch(str(query.get("Id", ""))):
            raise InvalidMath(f"The value {query.get('Id')!r} of id must start with a lowercase letter.")
        if bool(query.get("Expression")) == bool(query.get("MetricStat")):
            raise InvalidMath(f"Query {query['Id']} must have either Expression or MetricStat.")
        if "${" in str(query.get("Label", "")):
            raise InvalidMath("Dynamic labels are not supported here.")
        if query.get("MetricStat"):
            _check_stat(query["MetricStat"])


def _check_stat(stat: Mapping[str, Any]) -> None:
    check_statistic(str(stat.get("Stat", "")))
    period = int(stat.get("Period") or 0)
    if period not in {1, 5, 10, 20, 30} and (period < 60 or period % 60):
        raise InvalidMath("Period must be 1, 5, 10, 20, 30, or a multiple of 60.")


def returns(query: Query) -> bool:
    """Whether a query's values are answered; true unless it says no."""
    return query.get("ReturnData") not in (False, "false")


def evaluate(queries: Sequence[Query], store: Store, *, ascending: bool) -> list[Result]:
    """The results of all queries that return data, in their order."""
    periods = [int(query["MetricStat"]["Period"]) for query in queries if query.get("MetricStat")]
    evaluation = Evaluation(queries, store, default_period=max(periods, default=60))
    values = {query["Id"]: evaluation.value(query["Id"]) for query in queries}
    return [
        result
        for query in queries
        if returns(query)
        for result in _results(query, values[query["Id"]], ascending=ascending)
    ]


def _results(query: Query, value: Value, *, ascending: bool) -> list[Result]:
    if isinstance(value, int | float):
        raise InvalidMath(
            f"Query {query['Id']} must give a time series, not a number; TIME_SERIES makes one."
        )
    members = value.members if isinstance(value, Array) else [value]
    return [_result(query, each, ascending=ascending) for each in members]


def _result(query: Query, series: Series, *, ascending: bool) -> Result:
    label = query.get("Label") or series.label or query["Id"]
    return Result(query["Id"], str(label), sorted(series.points.items(), reverse=not ascending))


def page(
    results: Sequence[Result], *, most: int, token: str | None
) -> tuple[list[tuple[Result, bool]], str | None]:
    """Results with at most so many points, each with whether it is complete; and the token of the rest."""
    skipped, room, found = _offset(token), most, []
    for result in results:
        rest = list(result.points[skipped:])
        skipped = max(0, skipped - len(result.points))
        taken = rest[:room]
        room -= len(taken)
        found.append((Result(result.identity, result.label, taken), len(taken) == len(rest)))
    total = _offset(token) + most
    more = sum(len(result.points) for result in results) > total
    return found, base64.urlsafe_b64encode(str(total).encode()).decode() if more else None


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode())
    except (ValueError, binascii.Error) as error:
        raise InvalidMath("The value for parameter NextToken is not valid.") from error
