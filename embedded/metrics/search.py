"""SEARCH: the metrics of a schema whose names and dimensions hold all that is asked for.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from embedded.metrics.values import InvalidMath

_SCHEMA = re.compile(r"\s*\{([^}]*)\}\s*(.*)", re.DOTALL)
_TERM = re.compile(r'(?:(?P<of>[A-Za-z:_-]+)\s*=\s*)?(?:"(?P<exact>[^"]*)"|(?P<word>[^\s"()=]+))')
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True)
class Metric:
    """A metric by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Search:
    """A parsed search: namespace and dimension names, and the terms that must all match."""

    namespace: str | None
    dimensions: frozenset[str]
    terms: tuple[tuple[str, str, bool], ...]
    """What a term is of (empty: of anything), its text, and whether it must be the whole."""

    def find(self, metrics: Iterable[Metric]) -> list[Metric]:
        """Those of the metrics that match, sorted."""
        found = {metric for metric in metrics if self._matches(metric)}
        return sorted(found, key=lambda metric: (metric.namespace, metric.name, metric.dimensions))

    def _matches(self, metric: Metric) -> bool:
        if self.namespace is not None:
            names = {name for name, _ in metric.dimensions}
            if metric.namespace != self.namespace or names != self.dimensions:
                return False
        return all(_holds(metric, *term) for term in self.terms)


def parse(text: str) -> Search:
    """A search expression; InvalidMath for what is not done here: OR, NOT and parentheses."""
    found = _SCHEMA.fullmatch(text)
    schema, rest = (found[1], found[2]) if found else (None, text)
    if re.search(r"[()]|\b(OR|NOT)\b", re.sub(r'"[^"]*"', "", rest)):
        raise InvalidMath("SEARCH with OR, NOT or parentheses is not supported here")
    terms = tuple(_term(each) for each in _TERM.finditer(rest) if each[0] != "AND")
    if schema is None:
        return Search(None, frozenset(), terms)
    namespace, *dimensions = [part.strip().strip('"') for part in schema.split(",")]
    return Search(namespace, frozenset(dimensions), terms)


def _term(found: "re.Match[str]") -> tuple[str, str, bool]:
    exact = found["exact"]
    return found["of"] or "", found["word"] if exact is None else exact, exact is not None


def _holds(metric: Metric, of: str, text: str, exact: bool) -> bool:
    return any(_same(each, text, exact) for each in _texts(metric, of))


def _texts(metric: Metric, of: str) -> list[str]:
    dimensions: Mapping[str, str] = dict(metric.dimensions)
    if of.lower() in {"metricname", ":aws.metricname"}:
        return [metric.name]
    if of.lower() in {"namespace", ":aws.namespace"}:
        return [metric.namespace]
    if of:
        return [dimensions[of]] if of in dimensions else []
    return [metric.namespace, metric.name, *dimensions, *dimensions.values()]


def _same(value: str, text: str, exact: bool) -> bool:
    """A text in quotes is a whole value; a word is one of its tokens, or several that follow each other."""
    if exact:
        return value == text
    tokens, wanted = _split(value), _split(text)
    return any(tokens[start : start + len(wanted)] == wanted for start in range(len(tokens)))


def _split(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]
