"""Which variables the states of a definition read: `variableReferences` of the API."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STRINGS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|/\*.*?\*/", re.DOTALL)
_BOUND = re.compile(r"\$(\w+)\s*:=|(?:function|λ)\s*\(([^)]*)\)")
_READ = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)(?!\w*\s*\()")
_INNER = frozenset({"Branches", "ItemProcessor"})


def references(machine: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names, sorted, for each state that reads variables; of the states inside states too."""
    found: dict[str, list[str]] = {}
    for name, state in machine.get("States", {}).items():
        own = {key: value for key, value in state.items() if key not in _INNER}
        names = sorted({name for text in _expressions(own) for name in _names(text)})
        found |= {name: names} if names else {}
        for inner in _machines(state):
            found |= references(inner)
    return found


def _machines(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    processor = state.get("ItemProcessor")
    return [*state.get("Branches", ()), *([processor] if processor else ())]


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith("{%"):
            yield value[2:-2]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)


def _names(expression: str) -> set[str]:
    code = _STRINGS.sub("''", expression)
    bound = {"states"}
    for single, several in _BOUND.findall(code):
        bound |= {single} if single else set(re.findall(r"\$(\w+)", several))
    return set(_READ.findall(code)) - bound
