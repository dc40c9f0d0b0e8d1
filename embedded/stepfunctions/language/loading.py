"""From the text of a definition to nested dicts: JSON, or YAML on the command line.

Only what JSON can say is taken: no repeated key, no date, no NaN, no alias that contains itself.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

import yaml

from embedded.stepfunctions.language.diagnostics import (
    INVALID_JSON,
    SCHEMA,
    Diagnostic,
    InvalidDefinition,
    error,
)

MAX_BYTES = 1_048_576
"""A definition's longest text: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
# Deeper than any state machine, and no deeper than what runs it can follow.
_MAX_NESTING = 1000
# How deep YAML's brackets may be nested: its scanner's time grows with the square.
_MAX_BRACKETS = 200

_NO_OBJECT = "Definition must be a valid JSON object"


def load(text: str, *, source: str = "definition", allow_yaml: bool = False) -> dict[str, Any]:
    """Read a definition; `source` is what messages call it, e.g. its file's name.

    Raises InvalidDefinition where the text is not JSON (with `allow_yaml`: nor YAML), or no object.
    """
    size = len(text.encode())
    if not text.strip():
        raise InvalidDefinition([error(SCHEMA, _NO_OBJECT)])
    if size > MAX_BYTES:
        raise InvalidDefinition([error(SCHEMA, f"The {source} has {size} bytes, more than {MAX_BYTES}")])
    value = _yaml(text, source) if allow_yaml and not text.lstrip().startswith("{") else _json(text, source)
    if not isinstance(value, dict):
        raise InvalidDefinition([error(SCHEMA, _NO_OBJECT)])
    if _is_deep(value):
        raise InvalidDefinition([_unreadable(source, "it is nested too deeply")])
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_NESTING):
        level = [item for one in level for item in _items(one)]
    return bool(level)


def _items(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _unreadable(source: str, why: object) -> Diagnostic:
    return error(INVALID_JSON, f"The {source} cannot be read: {why}")


def _json(text: str, source: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise InvalidDefinition([_unreadable(source, problem or "it is nested too deeply")]) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise ValueError(f"Duplicate field '{key}'")
        value[key] = item
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _yaml(text: str, source: str) -> Any:
    try:
        # A subclass of the safe loader, which makes nothing but plain values.
        return _Plain().value(yaml.load(text, Loader=_Loader), ())  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise InvalidDefinition([_unreadable(source, problem)]) from None


class _Loader(yaml.SafeLoader):
    """YAML without repeated keys and without dates, which stay the strings that JSON would hold."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a repeated key; one that `<<` brings along may be overridden."""
        self._refuse_repeated(node)
        return super().construct_mapping(node, deep=deep)

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803 - the scanner's own name
        """Refuse brackets in too many brackets."""
        if self.flow_level >= _MAX_BRACKETS:
            raise ValueError("it is nested too deeply")
        super().fetch_flow_collection_start(TokenClass)

    def _refuse_repeated(self, node: yaml.MappingNode) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen and key.tag != "tag:yaml.org,2002:merge":
                raise ValueError(f"Duplicate field '{name}' in line {key.start_mark.line + 1}")
            seen.add(name)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Plain:
    """Makes what JSON can say of what YAML said; aliases count for all that they stand for."""

    def __init__(self) -> None:
        self._left = MAX_BYTES

    def value(self, value: Any, within: tuple[int, ...]) -> Any:
        """A value without aliases; ValueError where it is none of JSON's or too large."""
        if id(value) in within:
            raise ValueError("an alias contains itself")
        self._left -= len(value) + 1 if isinstance(value, str) else 1
        if self._left < 0:
            raise ValueError(f"with its aliases it has more than {MAX_BYTES} bytes")
        inner = (*within, id(value))
        if isinstance(value, dict):
            return {_key(key): self.value(item, inner) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, inner) for item in value]
        return _scalar(value)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise ValueError(f"the name of a field is no string: {key!r}")  # noqa: TRY004
    return key


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"{value!r} is nothing that JSON can say")
