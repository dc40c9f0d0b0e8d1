"""Every expression of a definition: that it is one, and that it refers to what is there.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from collections.abc import Iterator

from embedded.stepfunctions.language.diagnostics import (
    INVALID_EXPRESSION,
    UNDEFINED_VARIABLE,
    UNSUPPORTED_EXPRESSION,
    Diagnostic,
    error,
    warning,
)
from embedded.stepfunctions.language.expressions import (
    ExpressionError,
    compile_expression,
    expression_in,
    is_expression,
)
from embedded.stepfunctions.language.query.references import References, references
from embedded.stepfunctions.language.rules.placeholders import PLACEHOLDER
from embedded.stepfunctions.language.rules.variables import visible
from embedded.stepfunctions.language.rules.walk import Part, strings

_ALWAYS = frozenset(["input", "context"])
# Where a state's result, or the error that it ended in, is known.
_WITH_RESULT = frozenset(["Output", "Assign"])
_HAVE_RESULT = frozenset(["Task", "Parallel", "Map"])
_STATES = frozenset(["input", "context", "result", "errorOutput"])
_ROOT = "$"


def check_queries(part: Part) -> Iterator[Diagnostic]:
    """What is wrong with the expressions in one part's own fields."""
    for name, field in part.fields.items():
        if name in part.value and (field.expression or field.kind in {"template", "assign", "items"}):
            known = _known(part, name)
            for text, location in strings(part.value[name], f"{part.location}/{name}"):
                yield from _check(text, location, known, part)


def _known(part: Part, field: str) -> frozenset[str]:
    """The fields of `$states` that a field of a part can read."""
    if part.group == "catcher":
        return _ALWAYS | {"errorOutput"}
    if part.group in _HAVE_RESULT and field in _WITH_RESULT:
        return _ALWAYS | {"result"}
    return _ALWAYS


def _check(text: str, location: str, known: frozenset[str], part: Part) -> Iterator[Diagnostic]:
    if PLACEHOLDER.search(text):
        # What will stand there is not known yet; that it is unfilled is said elsewhere.
        return
    if not is_expression(text):
        yield from _half_an_expression(text, location)
        return
    try:
        found = references(compile_expression(expression_in(text)))
    except ExpressionError as problem:
        yield error(INVALID_EXPRESSION, problem.message, location)
        return
    for message in _unsupported(found, known):
        yield error(UNSUPPORTED_EXPRESSION, message, location)
    for name in found.variables:
        if name not in {"states", _ROOT} and name not in visible(part):
            yield warning(UNDEFINED_VARIABLE, f"Variable '{name}' is possibly not defined.", location)


def _half_an_expression(text: str, location: str) -> Iterator[Diagnostic]:
    # With a blank outside it is a text like any other.
    if text.startswith("{%") or text.endswith("%}"):
        message = "An expression must start with '{%' and end with '%}'"
        yield error(INVALID_EXPRESSION, message, location)


def _unsupported(found: References, known: frozenset[str]) -> Iterator[str]:
    for name in found.names:
        yield f"Reference to '{name}' at the top level is not supported."
    if _ROOT in found.variables:
        yield "Reference to '$$' is not supported."
    for name in found.states_fields:
        if name not in _STATES:
            yield f"Unknown reserved states field: {name}"
        elif name not in known:
            yield f"Field '$states.{name}' does not exist."
