"""Definitions of state machines: read, and held against everything that AWS documents of the language."""

from collections.abc import Callable, Iterator
from typing import Any

from embedded.stepfunctions.language.diagnostics import (
    TOO_DEEPLY_NESTED,
    Diagnostic,
    InvalidDefinition,
    error,
)
from embedded.stepfunctions.language.loading import load
from embedded.stepfunctions.language.rules.express import check_express
from embedded.stepfunctions.language.rules.graph import check_graph, check_unique
from embedded.stepfunctions.language.rules.placeholders import check_placeholders
from embedded.stepfunctions.language.rules.queries import check_queries
from embedded.stepfunctions.language.rules.query_language import check_query_language
from embedded.stepfunctions.language.rules.resources import check_resource
from embedded.stepfunctions.language.rules.shape import check_shape
from embedded.stepfunctions.language.rules.together import check_together
from embedded.stepfunctions.language.rules.variables import check_variables
from embedded.stepfunctions.language.rules.walk import Part, parts

__all__ = ["Diagnostic", "InvalidDefinition", "check", "load", "parse"]

_CHECKS: tuple[Callable[[Part], Iterator[Diagnostic]], ...] = (
    check_query_language,
    check_shape,
    check_together,
    check_resource,
    check_express,
    check_queries,
    check_variables,
    check_graph,
)


def check(definition: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """All that is wrong with a loaded definition, part by part in the order in which it is written."""
    try:
        return tuple(_findings(definition))
    except RecursionError:
        return (error(TOO_DEEPLY_NESTED, "The definition is too deeply nested"),)


def _findings(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    all_parts = list(parts(definition))
    for part in all_parts:
        for one in _CHECKS:
            yield from one(part)
    yield from check_unique(all_parts)
    yield from check_placeholders(definition)


def parse(text: str, *, source: str = "definition", allow_yaml: bool = False) -> dict[str, Any]:
    """A definition that can be run; raises InvalidDefinition with its errors where it cannot."""
    definition = load(text, source=source, allow_yaml=allow_yaml)
    errors = [found for found in check(definition) if found.severity == "ERROR"]
    if errors:
        raise InvalidDefinition(errors)
    return definition
