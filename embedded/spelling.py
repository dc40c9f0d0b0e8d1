"""One document in two spellings: members as an API writes them, and in PascalCase.

Step Functions and CloudFormation spell the members of structures in PascalCase; keys of maps (tags) are data
and stay as they are.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class UnknownMemberError(ValueError):
    """A member that the API does not have, or a value of the wrong kind; says where."""


def from_pascal(shape: Any, value: Any, where: str = "") -> Any:
    """Members as the API spells them; text becomes numbers and booleans, as in CloudFormation."""
    reader = _READERS.get(shape.type_name)
    try:
        return value if reader is None else reader(shape, value, where)
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UnknownMemberError):
            raise
        raise UnknownMemberError(
            f"{where or 'the document'}: {value!r} is not a {shape.type_name}"
        ) from error


def to_pascal(shape: Any, value: Any) -> Any:
    """Members in PascalCase, by name; timestamps as milliseconds: as Step Functions hands results on."""
    writer = _WRITERS.get(shape.type_name)
    return value if writer is None else writer(shape, value)


def _read_structure(shape: Any, value: Mapping[str, Any], where: str) -> dict[str, Any]:
    known = {name.lower(): name for name in shape.members}
    found = {}
    for key, item in value.items():
        name = known.get(key.lower())
        if name is None or not key[:1].isupper():
            spelled = ", ".join(name[:1].upper() + name[1:] for name in shape.members)
            raise UnknownMemberError(f"{f'{where}.{key}'.lstrip('.')} is not supported; there are: {spelled}")
        found[name] = from_pascal(shape.members[name], item, f"{where}.{key}".lstrip("."))
    return found


def _read_list(shape: Any, value: Any, where: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return [from_pascal(shape.member, item, f"{where}[{index}]") for index, item in enumerate(value)]


def _read_map(shape: Any, value: Mapping[str, Any], where: str) -> dict[str, Any]:
    return {key: from_pascal(shape.value, item, f"{where}.{key}") for key, item in value.items()}


def _read_integer(_shape: Any, value: Any, _where: str) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise TypeError(value)
    return int(value)


def _read_boolean(_shape: Any, value: Any, _where: str) -> bool:
    return {"true": True, "false": False}[value.lower()] if isinstance(value, str) else bool(value)


def _read_string(_shape: Any, value: Any, _where: str) -> str:
    if isinstance(value, dict | list | None):
        raise TypeError(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


_READERS: Mapping[str, Any] = {
    "structure": _read_structure,
    "list": _read_list,
    "map": _read_map,
    "integer": _read_integer,
    "long": _read_integer,
    "boolean": _read_boolean,
    "string": _read_string,
}


def _write_structure(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    present = {name[:1].upper() + name[1:]: name for name in shape.members if value.get(name) is not None}
    return {key: to_pascal(shape.members[name], value[name]) for key, name in sorted(present.items())}


def _write_list(shape: Any, value: Any) -> list[Any]:
    return [to_pascal(shape.member, item) for item in value]


def _write_map(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: to_pascal(shape.value, item) for key, item in value.items()}


def _write_timestamp(_shape: Any, value: Any) -> int:
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else int(value * 1000)


_WRITERS: Mapping[str, Any] = {
    "structure": _write_structure,
    "list": _write_list,
    "map": _write_map,
    "timestamp": _write_timestamp,
}
