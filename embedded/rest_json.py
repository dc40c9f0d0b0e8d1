"""Where rest-json puts members: in the path, the query string, headers, or the body."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded import shapes
from embedded.api_error import ApiError


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body; an empty body is an empty object."""
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", f"the request's body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ApiError("SerializationException", "the request's body is not a JSON object")
    return value


def json_bytes(value: Any) -> bytes:
    """JSON as a body carries it."""
    return json.dumps(value, separators=(",", ":")).encode()


def path_pattern(uri: str) -> re.Pattern[str]:
    """The pattern of a model's `requestUri`, its labels as named groups."""
    parts = re.split(r"\{(\w+)\+?\}", uri.partition("?")[0])
    text = "".join(f"(?P<{part}>.+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(text)


def read_members(shape: Any, request: Request, labels: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a call, gathered from wherever the model puts them."""
    payload = shape.serialization.get("payload")
    found = _read_body(shape, payload, request)
    for name, member in shape.members.items():
        value = _read_located(member, request, labels)
        if value is not None:
            found[name] = value
    return found


def _read_body(shape: Any, payload: str | None, request: Request) -> dict[str, Any]:
    if payload is None:
        return dict(shapes.load(shape, read_json(request.body)))
    member = shape.members[payload]
    if member.type_name == "structure":
        return {payload: shapes.load(member, read_json(request.body))}
    return {payload: request.body if member.type_name == "blob" else request.body.decode()}


def _read_located(member: Any, request: Request, labels: Mapping[str, str]) -> Any:
    reader = _LOCATIONS.get(member.serialization.get("location"))
    return reader(member, request, labels) if reader else None


def _read_label(member: Any, _request: Request, labels: Mapping[str, str]) -> Any:
    text = labels.get(member.serialization["name"])
    return None if text is None else shapes.load_text(member, text)


def _read_header(member: Any, request: Request, _labels: Mapping[str, str]) -> Any:
    text = request.headers.get(member.serialization["name"].lower())
    return None if text is None else shapes.load_text(member, text)


def _read_headers(member: Any, request: Request, _labels: Mapping[str, str]) -> Any:
    prefix = member.serialization["name"].lower()
    return {
        key[len(prefix) :]: value for key, value in request.headers.items() if key.startswith(prefix)
    } or None


def _read_query(member: Any, request: Request, _labels: Mapping[str, str]) -> Any:
    values = request.query.get(member.serialization["name"])
    if values is None:
        return None
    values = values if isinstance(values, list) else [values]
    if member.type_name == "list":
        return [shapes.load_text(member.member, value) for value in values]
    return shapes.load_text(member, values[0])


_LOCATIONS: Mapping[str | None, Callable[[Any, Request, Mapping[str, str]], Any]] = {
    "uri": _read_label,
    "header": _read_header,
    "headers": _read_headers,
    "querystring": _read_query,
}


def write_members(shape: Any, output: Mapping[str, Any], headers: dict[str, str]) -> bytes:
    """The body of an answer; members that travel in headers are added to `headers`."""
    located = {name: member for name, member in shape.members.items() if member.serialization.get("location")}
    for name, member in located.items():
        if output.get(name) is not None:
            headers[member.serialization["name"].lower()] = shapes.dump_text(member, output[name])
    payload = shape.serialization.get("payload")
    if payload is None:
        return json_bytes(shapes.dump(shape, {k: v for k, v in output.items() if k not in located}))
    value, member = output.get(payload), shape.members[payload]
    if member.type_name == "structure":
        return json_bytes(shapes.dump(member, value or {}))
    return value if isinstance(value, bytes) else str(value or "").encode()
