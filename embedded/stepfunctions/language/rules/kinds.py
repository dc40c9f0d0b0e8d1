"""What a field may hold, kind by kind."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeGuard

from embedded.stepfunctions.language.diagnostics import INVALID_LABEL_NAME, SCHEMA, Diagnostic, error
from embedded.stepfunctions.language.expressions import is_expression
from embedded.stepfunctions.language.fields import Field
from embedded.stepfunctions.language.reserved import is_reserved

# Seconds may be left out, and `t` and `z` be small, as measured on AWS.
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+|\$\{\S+\}")
_LABEL = re.compile(r"""[^\s?*<>{}\[\]:;,\\|^~$#%&`"\x00-\x1f\x7f-\x9f]{1,40}""")
Check = Callable[[Field, Any, str], Iterator[Diagnostic]]


def check_kind(field: Field, value: Any, location: str) -> Iterator[Diagnostic]:
    """What is wrong with a field's value; parts are not looked into."""
    if field.expression and is_expression(value):
        return
    yield from KINDS[field.kind](field, value, location)


def is_integer(value: Any) -> TypeGuard[int]:
    """Whether a value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _of_type(name: str, fits: Callable[[Any], bool]) -> Check:
    def check(field: Field, value: Any, location: str) -> Iterator[Diagnostic]:
        if not fits(value):
            yield error(SCHEMA, _expected(name, field), location)
            return
        if field.one_of and value not in field.one_of:
            yield error(SCHEMA, _choice(field), location)
        yield from _in_range(field, value, location)

    return check


def _expected(name: str, field: Field) -> str:
    return f"Expected value of type [{name}]" + (" or a JSONata expression" if field.expression else "")


def _choice(field: Field) -> str:
    """AWS's words, which differ for the query language."""
    allowed = f"[{', '.join(field.one_of)}]"
    if field.name == "QueryLanguage":
        return f"Value should be one of the following: {allowed}"
    return f"The field '{field.name}' should have one of these values: {allowed}"


def _in_range(field: Field, value: Any, location: str) -> Iterator[Diagnostic]:
    if field.least is not None and value < field.least:
        yield error(SCHEMA, f"Minimum value is {field.least:.0f}", location)
    if field.most is not None and value > field.most:
        yield error(SCHEMA, f"Maximum value is {field.most:.0f}", location)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _anything(_field: Field, _value: Any, _location: str) -> Iterator[Diagnostic]:
    yield from ()


def _timestamp(field: Field, value: Any, location: str) -> Iterator[Diagnostic]:
    if not isinstance(value, str):
        yield error(SCHEMA, _expected("STRING", field), location)
    elif not _is_moment(value):
        yield error(SCHEMA, "String does not match RFC3339 timestamp", location)


def _is_moment(text: str) -> bool:
    parts = _TIMESTAMP.fullmatch(text)
    try:
        return parts is not None and bool(datetime.fromisoformat(f"{parts[1]}T{parts[2]}"))
    except ValueError:
        return False


def _role(field: Field, value: Any, location: str) -> Iterator[Diagnostic]:
    if not isinstance(value, str):
        yield error(SCHEMA, _expected("STRING", field), location)
    elif not _ROLE.fullmatch(value):
        yield error(SCHEMA, f"'{value}' is not the ARN of a role", location)


def _label(field: Field, value: Any, location: str) -> Iterator[Diagnostic]:
    if not isinstance(value, str):
        yield error(SCHEMA, _expected("STRING", field), location)
    elif not _LABEL.fullmatch(value):
        yield error(INVALID_LABEL_NAME, f"Invalid label name: '{value}'", location)


def _errors(field: Field, value: Any, location: str) -> Iterator[Diagnostic]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        yield error(SCHEMA, _expected("ARRAY of STRING", field), location)
        return
    if not value:
        yield error(SCHEMA, "Array must not be empty", location)
    if "States.ALL" in value and len(value) > 1:
        yield error(SCHEMA, "'States.ALL' must appear alone", location)
    for name in value:
        if name.startswith("States.") and not is_reserved(name):
            yield error(SCHEMA, f"'{name}' is not an error name that Step Functions reserves", location)


KINDS: Mapping[str, Check] = {
    "text": _of_type("STRING", lambda value: isinstance(value, str)),
    "resource": _of_type("STRING", lambda value: isinstance(value, str)),
    "integer": _of_type("INTEGER", is_integer),
    "number": _of_type("NUMBER", _number),
    "boolean": _of_type("BOOLEAN", lambda value: isinstance(value, bool)),
    "items": _of_type("ARRAY or OBJECT", lambda value: isinstance(value, list | dict)),
    "assign": _of_type("OBJECT", lambda value: isinstance(value, dict)),
    "states": _of_type("OBJECT", lambda value: isinstance(value, dict)),
    "part": _of_type("OBJECT", lambda value: isinstance(value, dict)),
    "parts": _of_type(
        "ARRAY of OBJECT",
        lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value),
    ),
    "texts": _of_type(
        "ARRAY of STRING",
        lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    ),
    "template": _anything,
    "timestamp": _timestamp,
    "role": _role,
    "label": _label,
    "errors": _errors,
}
