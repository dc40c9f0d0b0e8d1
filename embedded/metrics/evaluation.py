"""The queries of one request: metrics read from the store, expressions over them."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from embedded.metrics import search, syntax
from embedded.metrics.functions import FUNCTIONS, compare, divide
from embedded.metrics.search import Metric
from embedded.metrics.syntax import Call, Name, Node, Number, Operation, Text
from embedded.metrics.values import Array, InvalidMath, Series, Value, combine

_POINTWISE: Mapping[str, Callable[[float, float], float | None]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "^": operator.pow,
}
_COMPARISONS = {
    "<": compare(operator.lt),
    ">": compare(operator.gt),
    "<=": compare(operator.le),
    ">=": compare(operator.ge),
    "==": compare(operator.eq),
    "!=": compare(operator.ne),
    "&&": compare(lambda one, other: bool(one and other)),
    "||": compare(lambda one, other: bool(one or other)),
}
_SPECIAL = ("FILL", "METRICS", "SEARCH", "TIME_SERIES", syntax.LIST)


def check_functions(expression: str) -> None:
    """Raise InvalidMath for an expression that cannot be read, or names a function that is not done here."""
    unknown = syntax.functions_of(syntax.parse(expression)) - set(FUNCTIONS) - set(_SPECIAL)
    if unknown:
        raise _unsupported(sorted(unknown)[0])


def _unsupported(name: str) -> InvalidMath:
    known = ", ".join(sorted({*FUNCTIONS, *_SPECIAL} - {syntax.LIST}))
    return InvalidMath(f"Unsupported function {name}; there are here: {known}")


class Store(Protocol):
    """Where series come from."""

    def read(self, metric: Metric, statistic: str, period: int) -> Series:
        """A statistic of a metric."""

    def metrics(self) -> Sequence[Metric]:
        """All metrics that there are."""

    def moments(self, period: int) -> Sequence[int]:
        """The starts of all periods of the request."""


Query = Mapping[str, Any]


class Evaluation:
    """The values of queries, each computed once."""

    def __init__(self, queries: Sequence[Query], store: Store, *, default_period: int = 60) -> None:
        self._queries = {query["Id"]: query for query in queries}
        self._store = store
        self._default_period = default_period
        self._known: dict[str, Value] = {}
        self._open: list[str] = []

    def value(self, identity: str) -> Value:
        """The value of a query."""
        if identity not in self._known:
            self._known[identity] = self._compute(identity)
        return self._known[identity]

    def _compute(self, identity: str) -> Value:
        query = self._queries.get(identity)
        if query is None:
            raise InvalidMath(f"Undefined variable {identity} in an expression")
        if identity in self._open:
            raise InvalidMath(f"The expressions {' → '.join([*self._open, identity])} refer to each other")
        if not query.get("Expression"):
            return self._read(query["MetricStat"])
        self._open.append(identity)
        try:
            return self._node(
                syntax.parse(query["Expression"]), int(query.get("Period") or self._default_period)
            )
        finally:
            self._open.pop()

    def _read(self, stat: Query) -> Series:
        metric = stat["Metric"]
        dimensions = tuple(sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions") or []))
        found = Metric(metric["Namespace"], metric["MetricName"], dimensions)
        return replace(self._store.read(found, stat["Stat"], int(stat["Period"])), label=metric["MetricName"])

    def _node(self, node: Node, period: int) -> Value:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            return self.value(node.value)
        if isinstance(node, Text):
            raise InvalidMath(f"A text was not expected: {node.value!r}")
        if isinstance(node, Operation):
            return self._operation(node, period)
        return self._call(node, period)

    def _operation(self, node: Operation, period: int) -> Value:
        left, right = self._node(node.left, period), self._node(node.right, period)
        if node.sign in _POINTWISE:
            return combine(left, right, _POINTWISE[node.sign])
        return _COMPARISONS[node.sign](left, right)

    def _call(self, node: Call, period: int) -> Value:
        name = node.function
        special: Mapping[str, Callable[[Call, int], Value]] = {
            "FILL": self._fill,
            "METRICS": self._metrics,
            "SEARCH": self._search,
            "TIME_SERIES": self._constant,
            syntax.LIST: self._list,
        }
        if name in special:
            return special[name](node, period)
        if name not in FUNCTIONS:
            raise _unsupported(name)
        return FUNCTIONS[name]([self._node(argument, period) for argument in node.arguments])

    def _fill(self, node: Call, period: int) -> Value:
        if len(node.arguments) != 2:
            raise InvalidMath("FILL takes a time series and what to fill it with")
        value, filler = self._node(node.arguments[0], period), node.arguments[1]
        by = filler.value if isinstance(filler, Name) and filler.value in {"REPEAT", "LINEAR"} else None
        if by == "LINEAR":
            raise InvalidMath("FILL with LINEAR is not supported here")
        number = None if by else self._node(filler, period)
        members = value.members if isinstance(value, Array) else [value]
        found = [self._filled(each, number) for each in members if isinstance(each, Series)]
        return Array(found) if isinstance(value, Array) else found[0]

    def _filled(self, series: Series, filler: Value | None) -> Series:
        points: dict[int, float] = {}
        last: float | None = None
        for at in self._store.moments(series.period):
            found = series.points.get(at, last if filler is None else _at(filler, at))
            last = found
            if found is not None:
                points[at] = found
        return replace(series, points=points)

    def _metrics(self, node: Call, _period: int) -> Value:
        part = node.arguments[0].value if node.arguments and isinstance(node.arguments[0], Text) else ""
        chosen = [
            identity
            for identity, query in self._queries.items()
            if not query.get("Expression") and part in identity
        ]
        return Array([each for each in map(self.value, chosen) if isinstance(each, Series)])

    def _list(self, node: Call, period: int) -> Value:
        values = [self._node(argument, period) for argument in node.arguments]
        if not all(isinstance(value, Series) for value in values):
            raise InvalidMath("A list in brackets holds time series")
        return Array([value for value in values if isinstance(value, Series)])

    def _search(self, node: Call, period: int) -> Value:
        texts = [each.value for each in node.arguments if isinstance(each, Text)]
        if len(texts) != 2:
            raise InvalidMath(
                "SEARCH takes an expression and a statistic, both in quotes, and may take a period"
            )
        last = node.arguments[-1]
        own = int(last.value) if isinstance(last, Number) else period
        found = search.parse(texts[0]).find(self._store.metrics())
        return Array([replace(self._store.read(each, texts[1], own), label=_label(each)) for each in found])

    def _constant(self, node: Call, period: int) -> Value:
        (argument,) = node.arguments
        value = self._node(argument, period)
        if not isinstance(value, int | float):
            raise InvalidMath("TIME_SERIES takes a number")
        return Series(dict.fromkeys(self._store.moments(period), float(value)), period)


def _at(filler: Value, at: int) -> float | None:
    if isinstance(filler, Array):
        raise InvalidMath("FILL fills with a number or a time series")
    return filler.points.get(at) if isinstance(filler, Series) else filler


def _label(metric: Metric) -> str:
    return " ".join([*(value for _, value in metric.dimensions), metric.name])
