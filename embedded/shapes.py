"""Values by botocore's shapes: read a request's members, check them, write an answer's members."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator

MAX_DETAILS = 10


@cache
def service_model(name: str) -> ServiceModel:
    """Botocore's own description of a service, e.g. `service_model("batch")`."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


@cache
def service_names() -> frozenset[str]:
    """The services that botocore describes."""
    return frozenset(Loader().list_available_services("service-2"))


def load(shape: Any, value: Any) -> Any:
    """A value as it came in JSON, as Python: blobs as bytes, timestamps as datetimes, no unknown members."""
    reader = _READERS.get(shape.type_name)
    if value is None or reader is None:
        return value
    try:
        return reader(shape, value)
    except (TypeError, ValueError, AttributeError):
        # The validator names the member and the type that it expected.
        return value


def load_text(shape: Any, text: str) -> Any:
    """A value that came in a path, a query string or a header."""
    reader = _TEXT_READERS.get(shape.type_name)
    if reader is None:
        return text
    try:
        return reader(text)
    except ValueError:
        return text


def dump(shape: Any, value: Any) -> Any:
    """A Python value as JSON carries it; members that are None or not of the shape are left out."""
    writer = _WRITERS.get(shape.type_name)
    return value if writer is None else writer(shape, value)


def dump_text(shape: Any, value: Any) -> str:
    """A value as a header carries it."""
    if shape.type_name == "timestamp":
        return format_datetime(value.astimezone(UTC), usegmt=True)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if getattr(shape, "serialization", {}).get("jsonvalue"):
        return base64.b64encode(json.dumps(value).encode()).decode()
    return str(value)


def problems(shape: Any, params: Mapping[str, Any]) -> str | None:
    """What is wrong with a call's parameters by the service's model, or None."""
    report = ParamValidator().validate(dict(params), shape)
    if report.has_errors():
        return cast("str", report.generate_report())
    found = list(_broken_constraints(shape, params, ""))
    if not found:
        return None
    detected = f"{len(found)} validation error{'s' * (len(found) > 1)} detected: "
    return detected + "; ".join(found[:MAX_DETAILS])


def _load_structure(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    members = {_wire_name(member, name): (name, member) for name, member in shape.members.items()}
    known = ((members[key], item) for key, item in value.items() if key in members and item is not None)
    return {name: load(member, item) for (name, member), item in known}


def _load_list(shape: Any, value: list[Any]) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return [load(shape.member, item) for item in value]


def _load_map(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: load(shape.value, item) for key, item in value.items()}


def _load_blob(_shape: Any, value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _load_timestamp(_shape: Any, value: Any) -> datetime:
    return parse_timestamp(value)


_READERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "structure": _load_structure,
    "list": _load_list,
    "map": _load_map,
    "blob": _load_blob,
    "timestamp": _load_timestamp,
}


def _text_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_TEXT_READERS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": _text_boolean,
    "timestamp": parse_timestamp,
}


def _dump_structure(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    present = ((name, member) for name, member in shape.members.items() if value.get(name) is not None)
    return {_wire_name(member, name): dump(member, value[name]) for name, member in present}


def _dump_list(shape: Any, value: Any) -> list[Any]:
    return [dump(shape.member, item) for item in value]


def _dump_map(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): dump(shape.value, item) for key, item in value.items()}


def _dump_blob(_shape: Any, value: bytes) -> str:
    return base64.b64encode(value).decode()


def _dump_timestamp(_shape: Any, value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else value


_WRITERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "structure": _dump_structure,
    "list": _dump_list,
    "map": _dump_map,
    "blob": _dump_blob,
    "timestamp": _dump_timestamp,
}


def _wire_name(shape: Any, name: str) -> str:
    return str(shape.serialization.get("name", name))


def _broken_constraints(shape: Any, value: Any, where: str) -> Any:
    """What botocore leaves to the service: enumerations, patterns and maximal lengths."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, item in value.items():
            yield from _broken_constraints(shape.members[name], item, f"{where}.{name}".lstrip("."))
    elif shape.type_name == "list":
        yield from _too_long(shape, value, where)
        for index, item in enumerate(value):
            yield from _broken_constraints(shape.member, item, f"{where}.{index + 1}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _broken_constraints(shape.value, item, f"{where}.{key}")
    elif shape.type_name == "string":
        yield from _broken_string(shape, value, where)


def _broken_string(shape: Any, value: str, where: str) -> Any:
    yield from _too_long(shape, value, where)
    if shape.enum and value not in shape.enum:
        yield _failed(value, where, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = _pattern(shape.metadata.get("pattern"))
    if pattern is not None and not pattern.fullmatch(value):
        yield _failed(value, where, f"Member must satisfy regular expression pattern: {pattern.pattern}")


def _too_long(shape: Any, value: Any, where: str) -> Any:
    limit = shape.metadata.get("max")
    if limit is not None and len(value) > limit:
        yield _failed(value, where, f"Member must have length less than or equal to {limit}")


def _failed(value: Any, where: str, constraint: str) -> str:
    return f"Value '{str(value)[:200]}' at '{where}' failed to satisfy constraint: {constraint}"


@cache
def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text, re.DOTALL) if text else None
    except re.error:  # The models' patterns are Java's; the few that Python cannot read are not checked.
        return None
