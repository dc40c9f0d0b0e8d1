"""The functions that Step Functions adds to JSONata.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html ("JSONata functions provided by
Step Functions"). What they answer at the edges (rounding, what is undefined, codes) was measured on AWS.
"""

import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable
from typing import Any

from jsonata.jexception import JException
from jsonata.utils import Utils

from embedded.stepfunctions.language.query.limits import TOO_LARGE
from embedded.stepfunctions.language.query.messages import LimitExceeded
from embedded.stepfunctions.language.query.numbers import LONG, double, is_number, whole

MAX_RANGE = 360_145
"""Elements of `$range`, as measured on AWS."""
_STRING = re.compile(r""""(?:\\.|[^"\\])*"|'((?:\\.|[^'\\])*)'""", re.DOTALL)
_HASHES = {"SHA-1": "sha1", "SHA-384": "sha384", "SHA-256": "sha256", "SHA-512": "sha512", "MD5": "md5"}


def signature_error(function: str, argument: int) -> JException:
    """The failure of an argument that is not of the type its function takes."""
    return JException("T0410", -1, argument, function)


def _refusal(message: str) -> JException:
    return JException("D3137", -1, message)


def _whole(value: Any, function: str, argument: int) -> int:
    """A number rounded towards zero."""
    if not is_number(value) or not math.isfinite(value):
        raise signature_error(function, argument)
    return int(value)


def partition(items: Any = None, size: Any = None) -> Any:
    """`$partition(array, size)`: pieces of the array; of an empty one, or with a size of 0, nothing."""
    if items is None:
        return None
    if not isinstance(items, list):
        raise JException("T0412", -1, 1, "partition", "")
    if size is None:
        return [items]
    count = _whole(size, "partition", 2)
    if count < 0:
        raise _refusal("Second argument must be zero or greater")
    return (
        [items[start : start + count] for start in range(0, len(items), count)] if items and count else None
    )


def numbers(first: Any = None, last: Any = None, step: Any = None) -> Any:
    """`$range(first, last, step)`: with `last` if a step reaches it; one number alone is no array."""
    start, end = _whole(first, "range", 1), _whole(last, "range", 2)
    width = 0 if step is None else _whole(step, "range", 3)
    if width == 0:
        return None
    found = range(start, end + (1 if width > 0 else -1), width)
    if len(found) > MAX_RANGE:
        raise LimitExceeded(TOO_LARGE)
    return Utils.create_sequence_from_iter(found)


def hashed(text: Any = None, *given: Any) -> str | None:
    """`$hash(text, algorithm)`: hexadecimal digits; MD5, SHA-1, SHA-256, SHA-384 or SHA-512."""
    if not isinstance(text, str):
        raise signature_error("hash", 1)
    if not given:
        return None
    algorithm = "null" if given[0] is None else given[0]
    if not isinstance(algorithm, str):
        raise signature_error("hash", 2)
    if algorithm not in _HASHES:
        raise _refusal(f"Hash algorithm '{algorithm}' must be one of {', '.join(_HASHES)}")
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def parse(text: Any = None) -> Any:
    """`$parse(json)`: the value of one JSON document."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise signature_error("parse", 1)
    try:
        return marked(_loaded(text))
    except (ValueError, RecursionError):
        raise _refusal("Invalid JSON") from None


def _loaded(text: str) -> Any:
    """JSON, in which AWS takes single quotes for double ones."""
    if "'" in text:
        text = _STRING.sub(_double_quoted, text)
    return json.loads(text, object_pairs_hook=_without_repeated, parse_constant=_no_constant)


def _double_quoted(string: re.Match[str]) -> str:
    if string[1] is None:
        return string[0]
    return '"' + string[1].replace("\\'", "'").replace('"', '\\"') + '"'


def _without_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("repeated key")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def marked(value: Any) -> Any:
    """Plain JSON as jsonata has it: null marked, numbers whole where they are; an unchanged object itself."""
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return _changed(value, {key: marked(item) for key, item in value.items()})
    if isinstance(value, list):
        return [marked(item) for item in value]
    if isinstance(value, int) and not -LONG <= value < LONG:
        value = double(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("out of range")
        return whole(value) if abs(value) < LONG else value
    return value


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return before if all(after[key] is item for key, item in before.items()) else after


def seeded(source: random.Random) -> Callable[..., float]:
    """`$random([seed])`; with a seed, java.util.Random's first number."""

    def number(seed: Any = None) -> float:
        return source.random() if seed is None else _java_random(_whole(seed, "random", 1))

    return number


def _java_random(seed: int) -> float:
    state = (seed ^ 0x5DEECE66D) & (1 << 48) - 1
    state = (state * 0x5DEECE66D + 0xB) & (1 << 48) - 1
    high = state >> 22
    state = (state * 0x5DEECE66D + 0xB) & (1 << 48) - 1
    return ((high << 27) + (state >> 21)) / (1 << 53)


def identifiers(source: random.Random) -> Callable[[], str]:
    """`$uuid()`: version 4."""
    return lambda: str(uuid.UUID(int=source.getrandbits(128), version=4))
