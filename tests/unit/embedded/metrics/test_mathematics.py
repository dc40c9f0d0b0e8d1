"""Metric math, point by point."""

from collections.abc import Sequence
from typing import Any

import pytest

from embedded.metrics import search, syntax
from embedded.metrics.evaluation import Evaluation, check_functions
from embedded.metrics.search import Metric
from embedded.metrics.values import Array, InvalidMath, Series

SERIES = {
    "A": {0: 1.0, 60: 2.0, 120: 4.0},
    "B": {0: 2.0, 120: 0.0},
    "Zero": {0: 0.0, 60: 0.0, 120: 0.0},
}


class _Store:
    def read(self, metric: Metric, statistic: str, period: int) -> Series:
        return Series(SERIES.get(metric.name, {}), period)

    def metrics(self) -> Sequence[Metric]:
        return [Metric("N", "A", (("d", "x-1"),)), Metric("N", "A", (("d", "y-1"),)), Metric("O", "A", ())]

    def moments(self, period: int) -> Sequence[int]:
        return range(0, 180, period)


def _stat(identity: str, name: str) -> dict[str, Any]:
    metric = {"Namespace": "N", "MetricName": name}
    return {"Id": identity, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}


def _value(expression: str) -> Any:
    queries = [_stat("a", "A"), _stat("b", "B"), _stat("z", "Zero"), {"Id": "e", "Expression": expression}]
    value = Evaluation(queries, _Store()).value("e")
    return value.points if isinstance(value, Series) else value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + 1", {0: 2, 60: 3, 120: 5}),
        ("a + b", {0: 3, 120: 4}),
        ("a / b", {0: 0.5}),
        ("100 * (a - 1) / a", {0: 0, 60: 50, 120: 75}),
        ("-a ^ 2", {0: -1, 60: -4, 120: -16}),
        ("2 ^ 3 ^ 2 * TIME_SERIES(1)", {0: 512, 60: 512, 120: 512}),
        ("a > 1", {0: 0, 60: 1, 120: 1}),
        ("a > 1 AND a < 4", {0: 0, 60: 1, 120: 0}),
        ("a == 1 || a == 4", {0: 1, 60: 0, 120: 1}),
        ("IF(a > 1, a, 0)", {0: 0, 60: 2, 120: 4}),
        ("IF(a > 1, a)", {60: 2, 120: 4}),
        ("IF(a > 1, b, a)", {0: 1, 120: 0}),
        ("FILL(b, 9)", {0: 2, 60: 9, 120: 0}),
        ("FILL(b, REPEAT)", {0: 2, 60: 2, 120: 0}),
        ("FILL(b, a)", {0: 2, 60: 2, 120: 0}),
        ("SUM([a, b])", {0: 3, 60: 2, 120: 4}),
        ("SUM(METRICS())", {0: 3, 60: 2, 120: 4}),
        ("AVG(METRICS())", {0: 1, 60: 1, 120: 4 / 3}),
        ("MAX(METRICS())", {0: 2, 60: 2, 120: 4}),
        ("MIN(METRICS('a'))", {0: 1, 60: 2, 120: 4}),
        ("a - MIN(a)", {0: 0, 60: 1, 120: 3}),
        ("DIFF(a)", {60: 1, 120: 2}),
        ("RATE(a)", {60: 1 / 60, 120: 2 / 60}),
        ("RUNNING_SUM(a)", {0: 1, 60: 3, 120: 7}),
        ("a / PERIOD(a)", {0: 1 / 60, 60: 2 / 60, 120: 4 / 60}),
        ("ABS(a - 3)", {0: 2, 60: 1, 120: 1}),
        ("CEIL(a / 3)", {0: 1, 60: 1, 120: 2}),
        ("AVG(a)", 7 / 3),
        ("SUM(SEARCH('{N,d} MetricName=\"A\"', 'Sum', 60))", {0: 2, 60: 4, 120: 8}),
    ],
)
def test_an_expression_has_its_value(expression: str, expected: Any) -> None:
    """By hand; where a point is missing in one of two series there is none."""
    assert _value(expression) == pytest.approx(expected)


@pytest.mark.parametrize(
    "expression", ["ANOMALY_DETECTION_BAND(a)", "LAMBDA('x')", "SORT(a, MAX)", "SLICE(a, 0)"]
)
def test_a_function_that_is_not_done_is_named(expression: str) -> None:
    """When an alarm is put, and when data is asked for."""
    name = expression.partition("(")[0]
    with pytest.raises(InvalidMath, match=name):
        check_functions(expression)
    with pytest.raises(InvalidMath, match=name):
        _value(expression)


@pytest.mark.parametrize(
    "expression", ["a +", "(a", "a b", "a ? b", "nothing", "e", "FILL(a)", "FILL(a, LINEAR)", "[a", "[1]"]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    """Syntax, unknown ids, and expressions that refer to themselves."""
    with pytest.raises(InvalidMath):
        _value(expression)


def test_a_search_gives_one_series_for_each_metric() -> None:
    """Labelled by what tells them apart."""
    queries = [{"Id": "e", "Expression": "SEARCH('{N,d} MetricName=\"A\"', 'Sum', 60)"}]
    value = Evaluation(queries, _Store()).value("e")
    assert isinstance(value, Array)
    assert [member.label for member in value.members] == ["x-1 A", "y-1 A"]


FLIGHT = Metric(
    "AWS/SageMaker", "ModelLatency", (("EndpointName", "sluice-dev-flight"), ("VariantName", "one"))
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{AWS/SageMaker,EndpointName,VariantName} MetricName="ModelLatency" sluice-dev-', True),
        ('{AWS/SageMaker,EndpointName,VariantName} MetricName="Invocations" sluice-dev-', False),
        ('{AWS/SageMaker,EndpointName,VariantName} MetricName="ModelLatency" sluice-prod-', False),
        ('{AWS/SageMaker,EndpointName} MetricName="ModelLatency"', False),
        ("{AWS/SageMaker,EndpointName,VariantName} Latency", True),
        ('EndpointName="sluice-dev-flight"', True),
        ('EndpointName="sluice-dev"', False),
        ("Namespace=SageMaker AND dev", True),
    ],
)
def test_a_search_matches_words_and_wholes(text: str, expected: bool) -> None:
    """The first is a search of our dashboard."""
    assert bool(search.parse(text).find([FLIGHT])) is expected


def test_a_search_that_is_not_done_is_refused() -> None:
    """OR, NOT and parentheses."""
    with pytest.raises(InvalidMath):
        search.parse("{N} a OR b")


def test_the_functions_of_an_expression_are_found_everywhere() -> None:
    """Also inside of others."""
    assert syntax.functions_of(syntax.parse("IF(SUM(a) > 1, -ABS(b), 2)")) == {"IF", "SUM", "ABS"}
