"""Which fields a part has, which it lacks, and what they hold."""

from collections.abc import Iterator

from embedded.stepfunctions.language.diagnostics import (
    INVALID_STATE_NAME,
    SCHEMA,
    Diagnostic,
    error,
)
from embedded.stepfunctions.language.fields import STATE_TYPES
from embedded.stepfunctions.language.reserved import DEPRECATED, JSONPATH_ONLY
from embedded.stepfunctions.language.rules.kinds import check_kind
from embedded.stepfunctions.language.rules.walk import Part

LONGEST_NAME = 80
_TOO_LONG = "Invalid State name: State exceeds the 80-character limit allowed by the service"


def check_shape(part: Part) -> Iterator[Diagnostic]:
    """What is wrong with the fields of one part, apart from what they mean together."""
    if part.group == "":
        yield from _unknown_type(part)
        return
    fields = part.fields
    for name, value in part.value.items():
        if name in fields:
            yield from check_kind(fields[name], value, f"{part.location}/{name}")
        else:
            yield error(SCHEMA, _why_not(part, name), part.location or "/")
    missing = [name for name, field in fields.items() if field.required and name not in part.value]
    if missing:
        yield _required(missing, part.location)
    yield from _names(part)


def _required(names: list[str], location: str) -> Diagnostic:
    return error(SCHEMA, f"These fields are required: [{', '.join(names)}]", location or "/")


def _unknown_type(part: Part) -> Iterator[Diagnostic]:
    if "Type" not in part.value:
        yield _required(["Type"], part.location)
    else:
        allowed = f"The field 'Type' should have one of these values: [{', '.join(STATE_TYPES)}]"
        yield error(SCHEMA, allowed, f"{part.location}/Type")


def _why_not(part: Part, name: str) -> str:
    """AWS's words for a field that is not one of this part, and what to use instead."""
    if name in DEPRECATED and part.group == "Map":
        return f"Field '{name}' is deprecated and not supported: {DEPRECATED[name]}"
    if name in JSONPATH_ONLY and part.group not in {"machine", "branch", "processor"}:
        return (
            f"The QueryLanguage is set to 'JSONata', but field '{name}' is only supported for the 'JSONPath' "
            f"QueryLanguage: {JSONPATH_ONLY[name]}"
        )
    return f"Field '{name}' is not supported"


def _names(part: Part) -> Iterator[Diagnostic]:
    states = part.value.get("States")
    if part.group not in {"machine", "branch", "processor"} or not isinstance(states, dict):
        return
    if not states:
        yield error(SCHEMA, "Object must not be empty", f"{part.location}/States")
    for name, state in states.items():
        location = f"{part.location}/States/{name}"
        if len(name) > LONGEST_NAME:
            yield error(INVALID_STATE_NAME, _TOO_LONG, location)
        if not name:
            yield error(INVALID_STATE_NAME, "Invalid State name: State has no name", location)
        if not isinstance(state, dict):
            yield error(SCHEMA, "Expected value of type [OBJECT]", location)
