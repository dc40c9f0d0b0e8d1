"""What an expression refers to: variables, fields of `$states`, and a context that it does not have.

Step Functions evaluates expressions without a context, so that a name at their top level refers to nothing;
AWS refuses it at creation. In a later step of a path, in a predicate, a sort term or a grouping a name is one
of what the path has led to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from embedded.stepfunctions.language.query.functions import NAMES

Symbol = Any  # of jsonata's parser, which has no types
_CHILDREN = ("lhs", "rhs", "expression", "condition", "then", "_else", "body", "procedure")
_LISTS = ("arguments", "expressions")
_ROOT = "$"


@dataclass
class References:
    """What is referred to, each once and in order."""

    names: dict[str, None] = field(default_factory=dict)
    """Names at the top level."""
    variables: dict[str, None] = field(default_factory=dict)
    """Variables that the expression itself does not define; `$` stands for `$$`."""
    states_fields: dict[str, None] = field(default_factory=dict)
    """The fields that follow `$states`."""
    defined: set[str] = field(default_factory=set)


def references(ast: Symbol) -> References:
    """All that an expression refers to."""
    found = References()
    _walk(ast, found, top=True)
    local = found.defined | NAMES
    found.variables = {name: None for name in found.variables if name not in local}
    return found


def _walk(node: Symbol, found: References, *, top: bool) -> None:
    if node.type == "path":
        _walk_path(node, found, top=top)
        return
    if node.type == "variable" and node.value:
        found.variables[str(node.value)] = None
    if node.type == "name" and top:
        found.names[str(node.value)] = None
    _define(node, found)
    for child in _same_context(node):
        _walk(child, found, top=top)
    for child in _other_context(node):
        _walk(child, found, top=False)


def _walk_path(path: Symbol, found: References, *, top: bool) -> None:
    first, *rest = path.steps
    if first.type == "variable" and first.value == "states" and rest and rest[0].type == "name":
        found.states_fields[str(rest[0].value)] = None
    _walk(first, found, top=top)
    for step in rest:
        _walk(step, found, top=False)
    for child in _other_context(path):
        _walk(child, found, top=False)


def _define(node: Symbol, found: References) -> None:
    """Variables that the expression binds: `:=`, parameters, `@$x`, `#$i`."""
    if node.type == "bind":
        found.defined.add(str(node.lhs.value))
    if node.type == "lambda":
        found.defined |= {str(parameter.value) for parameter in node.arguments}
    found.defined |= {str(name) for name in (node.focus, node.index) if isinstance(name, str)}
    for stage in node.stages or ():
        if stage.type == "index":
            found.defined.add(str(stage.value))


def _same_context(node: Symbol) -> Iterator[Symbol]:
    if node.type == "transform":
        return
    for name in _CHILDREN:
        child = getattr(node, name, None)
        if _is_node(child):
            yield child
    for name in _LISTS:
        for child in getattr(node, name, None) or ():
            if _is_node(child):
                yield child
    for pair in _pairs(node):
        yield from pair


def _other_context(node: Symbol) -> Iterator[Symbol]:
    for part in [*(node.predicate or ()), *(node.stages or ())]:
        if _is_node(getattr(part, "expr", None)):
            yield part.expr
    for term in getattr(node, "terms", None) or ():
        yield term.expression
    if getattr(node, "group", None) is not None:
        for pair in _pairs(node.group):
            yield from pair
    if node.type == "transform":
        yield from (part for part in (node.pattern, node.update, node.delete) if _is_node(part))


def _pairs(node: Symbol) -> Iterator[Any]:
    yield from getattr(node, "lhs_object", None) or ()


def _is_node(value: Any) -> bool:
    return value is not None and hasattr(value, "steps")
