"""The parts of a definition, each with its group of fields and its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions.language.fields import GROUPS, STATE_TYPES, Field


@dataclass(frozen=True)
class Part:
    """An object of the definition that has fields of the language."""

    group: str
    """A key of GROUPS; empty for a state whose type is not known."""
    value: dict[str, Any]
    location: str
    """Empty for the machine itself."""
    states: dict[str, Any]
    """The states among which it is: what `Next` may name."""
    scopes: tuple["Part", ...]
    """The machine, branches and processors around it, the outermost first; for one of these, with itself."""
    state: "Part | None" = None
    """The state that it is part of; itself, for a state."""

    @property
    def fields(self) -> dict[str, Field]:
        """The fields that it may have."""
        return {field.name: field for field in GROUPS.get(self.group, ())}


def parts(definition: dict[str, Any]) -> Iterator[Part]:
    """The machine, and everything in it, in the order in which it is written."""
    yield from _container("machine", definition, "", (), None)


def _container(
    group: str, value: dict[str, Any], location: str, scopes: tuple[Part, ...], state: Part | None
) -> Iterator[Part]:
    states = value.get("States")
    inner = states if isinstance(states, dict) else {}
    alone = Part(group, value, location, inner, scopes, state)
    part = Part(group, value, location, inner, (*scopes, alone), state)
    yield part
    yield from _children(part)
    for name, content in inner.items():
        if isinstance(content, dict):
            yield from _state(content, f"{location}/States/{name}", part)


def _state(value: dict[str, Any], location: str, container: Part) -> Iterator[Part]:
    kind = value.get("Type")
    group = kind if isinstance(kind, str) and kind in STATE_TYPES else ""
    alone = Part(group, value, location, container.states, container.scopes)
    state = Part(group, value, location, container.states, container.scopes, alone)
    yield state
    yield from _children(state)


def _children(part: Part) -> Iterator[Part]:
    for name, field in part.fields.items():
        value = part.value.get(name)
        if field.kind == "part" and isinstance(value, dict):
            yield from _child(field.of, value, f"{part.location}/{name}", part)
        if field.kind == "parts" and isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, dict):
                    yield from _child(field.of, one, f"{part.location}/{name}[{index}]", part)


def _child(group: str, value: dict[str, Any], location: str, parent: Part) -> Iterator[Part]:
    if group in {"branch", "processor"}:
        yield from _container(group, value, location, parent.scopes, parent)
        return
    child = Part(group, value, location, parent.states, parent.scopes, parent.state or parent)
    yield child
    yield from _children(child)


def strings(value: Any, location: str) -> Iterator[tuple[str, str]]:
    """Each text in a template, with its place."""
    if isinstance(value, str):
        yield value, location
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from strings(item, f"{location}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, f"{location}[{index}]")
