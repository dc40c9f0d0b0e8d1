"""What a request passes to its operation, without secrets, in the words of botocore's model."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson

from embedded.hook.operations import Operation, input_shape
from embedded.hook.redaction import redacted
from embedded.hook.request import HttpCall

MAX_BODY = 2**20
"""Bytes; of a larger body only the size is on record."""
_MAX_SIZE, _MAX_TEXT = 16_384, 2_048


def parameters(call: HttpCall, operation: Operation) -> dict[str, Any]:
    """The parameters of a call, as they may be written down."""
    shape = input_shape(operation)
    found = _body(call, shape)
    if shape is not None and _located_members(shape):
        found = _located(call, operation, shape) | found
    return found if len(call.body) < _MAX_SIZE else {key: _briefly(value) for key, value in found.items()}


def _briefly(value: Any) -> Any:
    size = len(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS))
    return value if size < _MAX_TEXT else f"<{size} bytes>"


def _body(call: HttpCall, shape: Any) -> dict[str, Any]:
    payload = shape.serialization.get("payload") if shape is not None else None
    if payload:
        return _payload(call, payload, shape.members[payload]) if call.body else {}
    if call.form.get("Action"):
        return dict(redacted(_nested(call.form), shape))
    if not call.body:
        return {}
    value = _json(call.body)
    return dict(redacted(value, shape)) if isinstance(value, dict) else {"Body": f"<{len(call.body)} bytes>"}


def _payload(call: HttpCall, name: str, shape: Any) -> dict[str, Any]:
    value = _json(call.body) if shape.type_name == "structure" else None
    return {name: redacted(call.body if value is None else value, shape)}


def _json(body: bytes) -> Any:
    if len(body) > MAX_BODY:
        return None
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _located(call: HttpCall, operation: Operation, shape: Any) -> dict[str, Any]:
    found = {}
    for name, read, wire_name in _located_members(shape):
        value = read(call, operation, wire_name)
        if value is not None:
            found[name] = value
    # By its name as well as by its shape: a header may hold a token that no trait marks.
    return dict(redacted(found, shape)) if found else {}


@cache
def _located_members(shape: Any) -> Sequence[tuple[str, "_Read", str]]:
    places = [(name, member.serialization) for name, member in shape.members.items()]
    return [
        (name, _LOCATIONS[how["location"]], how["name"])
        for name, how in places
        if how.get("location") in _LOCATIONS
    ]


def _query(call: HttpCall, _operation: Operation, name: str) -> Any:
    values = call.query.get(name)
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _headers(call: HttpCall, _operation: Operation, prefix: str) -> Any:
    start = prefix.lower()
    return {key[len(start) :]: value for key, value in call.headers.items() if key.startswith(start)} or None


_Read = Callable[[HttpCall, Operation, str], Any]
_LOCATIONS: Mapping[str, _Read] = {
    "uri": lambda _call, operation, name: operation.labels.get(name),
    "querystring": _query,
    "header": lambda call, _operation, name: call.headers.get(name.lower()),
    "headers": _headers,
}


def _nested(form: Mapping[str, str]) -> dict[str, Any]:
    """`Tags.member.1.Key=a` as `{"Tags": {"1": {"Key": "a"}}}`."""
    found: dict[str, Any] = {}
    for key, value in form.items():
        *path, last = [part for part in key.split(".") if part not in ("member", "entry")]
        place = found
        for part in path:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else place
        place[last] = value
    return {key: value for key, value in found.items() if key not in ("Action", "Version")}
