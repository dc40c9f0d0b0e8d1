"""Arguments and answers of `aws-sdk:` integrations: PascalCase, times as ISO 8601, blobs as text.

Bodies and the order of members are as recorded on AWS (LocalStack's snapshots of `aws-sdk:s3`).
"""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from embedded.spelling import from_pascal
from embedded.stepfunctions.documents import dumps
from embedded.stepfunctions.integrations.sdk_names import member_name


def read_arguments(shape: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A Task's arguments as boto3 takes them; UnknownMemberError for what the operation does not have."""
    return dict(_with_blobs(shape, from_pascal(shape, arguments))) if shape else {}


def write_answer(shape: Any, answer: Any) -> Any:
    """What boto3 gave as a Task's result."""
    writer = _WRITERS.get(shape.type_name)
    return answer if writer is None else writer(shape, answer)


def _with_blobs(shape: Any, value: Any) -> Any:
    """The value's JSON where the operation takes bytes: a text is written with its quotes."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {name: _with_blobs(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [_with_blobs(shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {key: _with_blobs(shape.value, item) for key, item in value.items()}
    if shape.type_name == "blob":
        return dumps(value).encode()
    return value


def _structure(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    present = {member_name(name): name for name in shape.members if value.get(name) is not None}
    streamed = {key for key, name in present.items() if shape.members[name].serialization.get("streaming")}
    ordered = sorted(present, key=lambda key: (key in streamed, key))
    return {key: write_answer(shape.members[present[key]], value[present[key]]) for key in ordered}


def _list(shape: Any, value: Any) -> list[Any]:
    return [write_answer(shape.member, item) for item in value]


def _map(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: write_answer(shape.value, item) for key, item in value.items()}


def _timestamp(_shape: Any, value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    text = value.astimezone(UTC).isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def _blob(_shape: Any, value: Any) -> str:
    content = value.read() if hasattr(value, "read") else bytes(value)
    try:
        return str(content.decode())
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()


_WRITERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "timestamp": _timestamp,
    "blob": _blob,
}
