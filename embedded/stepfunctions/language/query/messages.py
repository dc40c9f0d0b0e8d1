"""What failed expressions say: JSONata's codes and messages, as AWS quotes them.

The messages are those of jsonata.org's reference implementation. jsonata-python has the word `function`
replaced in them and does not write the values as JSON.
"""

import json
import math
import re
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.utils import Utils

from embedded.stepfunctions.language.query.numbers import is_number, number_text

_FUNCTION_CODES = frozenset(
    f"{kind}{number:04d}"
    for kind, numbers in (
        ("S", (208,)),
        ("T", (410, 411, 412, 1010, 2006)),
        ("D", (3001, 3010, 3011, 3020, 3040, 3050, 3060, 3061, 3070, 3100, 3110, 3120, 3121, 3138, 3139)),
    )
    for number in numbers
)
_QUOTED_CODES = frozenset(["S0216", "S0217", "D3133", "D3135", *(f"D{code}" for code in range(3081, 3094))])
_ELEMENTS = {
    "a": "arrays",
    "b": "booleans",
    "f": "functions",
    "n": "numbers",
    "o": "objects",
    "s": "strings",
}
_INSERT = re.compile(r"\{\{\{\w+\}\}\}|\{\{\w+\}\}")


class LimitExceeded(Exception):
    """An expression that nests too deeply, runs too long or makes too much."""


def message(problem: JException) -> str:
    """The reference implementation's words for a failure, without its code."""
    if problem.error == "T0412":
        return _array_message(problem)
    inserts = iter([problem.current, problem.expected, problem.extra])

    def filled(place: re.Match[str]) -> str:
        value = next(inserts, None)
        return str(value) if place.group().startswith("{{{") else as_json(value)

    return _INSERT.sub(filled, _template(problem.error))


def code_of(text: str) -> str | None:
    """The code of a message that jsonata-python raises without one, and without the value in it."""
    start = text.partition("%s")[0]
    for code, template in JException.error_codes.items():
        if start and template.replace('"', "'").startswith(start):
            return str(code)
    return None


def _template(code: str) -> str:
    template = str(JException.error_codes.get(code, code))
    if code in _FUNCTION_CODES:
        template = re.sub(r"\bObject\b", "function", template)
    return template.replace('"', "'") if code in _QUOTED_CODES else template


def _array_message(problem: JException) -> str:
    element = _ELEMENTS.get(str(problem.extra), "undefined")
    wanted = as_json(element) if element != "undefined" else element
    return f'Argument {problem.current} of function "{problem.expected}" must be an array of {wanted}'


def as_json(value: Any) -> str:
    """A value as JavaScript's `JSON.stringify` writes it into a message."""
    return "undefined" if value is None else _json(value)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if is_number(value):
        return number_text(value) if math.isfinite(value) else "null"
    if value is Utils.NULL_VALUE or value is None or Utils.is_function(value) or Functions.is_lambda(value):
        return "null"
    return json.dumps(value, ensure_ascii=False, default=str)
