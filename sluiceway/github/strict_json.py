"""JSON that means one thing only: no duplicate names, no NaN, no depth that a parser breaks at."""

import json
import re
from typing import Any

MAX_DEPTH = 64
"""GitHub's payloads are nested 7 deep."""
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""Also one that never ends: or it would be looked for again from each quotation mark in it."""
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class InvalidJson(ValueError):
    """Not the JSON object that is expected; the message says why, and quotes nothing."""


def parse_object(text: bytes) -> dict[str, Any]:
    """The JSON object in UTF-8 bytes; raises `InvalidJson`."""
    if _depth(text) > MAX_DEPTH:
        raise InvalidJson(f"the JSON is nested more than {MAX_DEPTH} deep")
    try:
        parsed = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except InvalidJson:
        raise
    except (ValueError, RecursionError):
        raise InvalidJson("the body is not JSON in UTF-8") from None
    if not isinstance(parsed, dict):
        raise InvalidJson("the JSON is not an object")
    return parsed


def _depth(text: bytes) -> int:
    """How deep brackets are nested, those in strings left out."""
    deepest = depth = 0
    for bracket in STRING.sub(b"", text).translate(None, delete=NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidJson("the JSON names something twice")
    return found


def _refuse_constant(_name: str) -> Any:
    raise InvalidJson("the JSON holds a number that is none")
