"""Variables: their names, and where they can be seen.

https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from embedded.stepfunctions.language.diagnostics import DUPLICATE_VARIABLE, SCHEMA, Diagnostic, error
from embedded.stepfunctions.language.rules.graph import leading_to
from embedded.stepfunctions.language.rules.together import is_distributed
from embedded.stepfunctions.language.rules.walk import Part

LONGEST_NAME = 80
RESERVED = "states"
_START = frozenset(["Lu", "Ll", "Lt", "Lm", "Lo", "Nl"])
_CONTINUE = _START | {"Mn", "Mc", "Nd", "Pc"}


def check_variables(part: Part) -> Iterator[Diagnostic]:
    """What is wrong with the variables that one part assigns."""
    assigned = part.value.get("Assign")
    if "Assign" not in part.fields or not isinstance(assigned, dict):
        return
    outer = frozenset(_assigned_before(part))
    for name in assigned:
        location = f"{part.location}/Assign/{name}"
        problem = _name_problem(name)
        if problem:
            yield error(SCHEMA, problem, location)
        if name in outer:
            message = f"The variable name '{name}' was already defined in a parent scope."
            yield error(DUPLICATE_VARIABLE, message, location)


def _assigned_before(part: Part) -> Iterator[str]:
    """Variables of outer scopes that are assigned on a way to the branch or processor that a part is in."""
    scopes = _enclosing(part)
    for inner, outer in pairwise(scopes):
        around = inner.state.value if inner.state else None
        name = next((name for name, state in outer.states.items() if state is around), "")
        for state in leading_to(outer.states, name):
            yield from _assigned_by(state)


def _name_problem(name: str) -> str | None:
    if name == RESERVED:
        return "The variable name 'states' is reserved"
    kinds = [unicodedata.category(character) for character in name]
    if not kinds or kinds[0] not in _START or not all(kind in _CONTINUE for kind in kinds[1:]):
        return f"Invalid variable name: '{name}' is not an identifier"
    if len(name) > LONGEST_NAME:
        return f"Invalid variable name: '{name}' has more than {LONGEST_NAME} characters"
    return None


def visible(part: Part) -> frozenset[str]:
    """The variables that expressions of a part can see: those of its scope and of the scopes around it."""
    return frozenset(name for scope in _enclosing(part) for name in assigned_in(scope))


def _enclosing(part: Part) -> list[Part]:
    """The scopes of a part, the innermost first, up to where executions of their own begin."""
    scopes: list[Part] = []
    for scope in reversed(part.scopes):
        scopes.append(scope)
        if scope.group == "processor" and scope.state is not None and is_distributed(scope.state):
            break
    return scopes


def assigned_in(scope: Part) -> Iterator[str]:
    """The variables that the states of a scope assign, not those of branches and processors within it."""
    for state in scope.states.values():
        yield from _assigned_by(state)


def _assigned_by(state: Any) -> Iterator[str]:
    for part in _assigning(state):
        assigned = part.get("Assign")
        yield from assigned if isinstance(assigned, dict) else ()


def _assigning(state: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(state, dict):
        return
    yield state
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        yield from (
            entry for entry in (entries if isinstance(entries, list) else ()) if isinstance(entry, dict)
        )
