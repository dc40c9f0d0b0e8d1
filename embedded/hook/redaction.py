"""Parameters without secrets: by botocore's `sensitive` trait, by names, and by what secrets look like.

The trait is what AWS itself keeps out of its SDKs' logs:
https://smithy.io/2.0/spec/documentation-traits.html#sensitive-trait
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

REDACTED = "<redacted>"
_MAX_TEXT = 1_024
_MAX_ITEMS = 25
_MAX_DEPTH = 12

_SECRET_NAME = re.compile(
    r"secret|passw|passphrase|pwd|token|credential|authorization|api[_-]?key|private[_-]?key|access[_-]?key"
    r"|signature|cookie|webhook|presigned|connection[_-]?string",
    re.IGNORECASE,
)
# Names that look so and are none: pages, idempotency, and which secret, not what is in it.
_HARMLESS_NAME = re.compile(
    r"^(next|previous|continuation|starting|page|pagination|client(request)?|idempotency|caller)[_-]?tokens?$"
    r"|^secret_?(id|arn|name|version_?id|list)s?$|^(access_?key|credential|token)_?(id|count|type)s?$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\."
    r"|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}|\bsk-[\w-]{20,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|[?&](X-Amz-(Signature|Credential|Security-Token)|Signature|sig|access_token)="
    r"|\w://[^/\s:@]*:[^/\s@]+@"
    r"|\b(Bearer|Basic) +[\w.~+/=-]{12,}"
    r"|AWS4-HMAC-SHA256"
)
_NAME_KEYS = ("name", "key", "parameterkey", "parametername", "headername")
_VALUE_KEYS = frozenset({"value", "parametervalue", "headervalue", "stringvalue"})


def redacted(value: Any, shape: Any = None, *, depth: int = 0) -> Any:
    """A parameter as JSON may hold it: secrets as `<redacted>`, what is large as its size.

    `shape` is botocore's, where it is known: of a request's members, by the names they have on the wire.
    """
    if shape is not None and shape.metadata.get("sensitive"):
        return REDACTED
    if depth > _MAX_DEPTH:
        return "<deeper>"
    reader = next((read for kind, read in _READERS if isinstance(value, kind)), None)
    return reader(value, shape, depth) if reader else value


@lru_cache(4_096)
def is_secret_name(name: str) -> bool:
    """Whether what goes by this name is kept to itself."""
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.search(name)


def _mapping(value: Mapping[str, Any], shape: Any, depth: int) -> dict[str, Any]:
    if _names_a_secret(value):
        return {key: REDACTED if key.lower() in _VALUE_KEYS else each for key, each in value.items()}
    members = _members(shape) if shape is not None else _no_member
    return {str(key): _member(str(key), each, members(str(key)), depth) for key, each in value.items()}


def _member(name: str, value: Any, shape: Any, depth: int) -> Any:
    if is_secret_name(name) and not isinstance(value, bool | None):
        return REDACTED
    return redacted(value, shape, depth=depth + 1)


def _no_member(_name: str) -> None:
    return None


# Botocore makes each shape once; there are as many as the models that are used have.
@cache
def _members(shape: Any) -> Callable[[str], Any]:
    if shape.type_name == "structure":
        by_name = {each.serialization.get("name", name): each for name, each in shape.members.items()}
        return {**shape.members, **by_name}.get
    # The Query protocol numbers the items of lists.
    item = {"list": "member", "map": "value"}.get(shape.type_name)
    return lambda _name: getattr(shape, item) if item else None


def _names_a_secret(value: Mapping[str, Any]) -> bool:
    """`{"name": "DB_PASSWORD", "value": …}`, as environment variables and stack parameters are given."""
    if not any(key.lower() in _VALUE_KEYS for key in value):
        return False
    lower = {key.lower(): each for key, each in value.items()}
    names = [lower[key] for key in _NAME_KEYS if isinstance(lower.get(key), str)]
    return any(is_secret_name(name) for name in names)


def _list(value: list[Any], shape: Any, depth: int) -> list[Any]:
    item = shape.member if shape is not None and shape.type_name == "list" else None
    found = [redacted(each, item, depth=depth + 1) for each in value[:_MAX_ITEMS]]
    rest = len(value) - _MAX_ITEMS
    return [*found, f"<{rest} more>"] if rest > 0 else found


def _text(value: str, _shape: Any, depth: int) -> str:
    if len(value) > _MAX_TEXT:
        return f"<{len(value)} characters>"
    if value[:1] in ("{", "[") and _SECRET_NAME.search(value):
        return _json_text(value, depth)
    return REDACTED if _SECRET_VALUE.search(value) else value


def _json_text(value: str, depth: int) -> str:
    try:
        inner = json.loads(value)
    except ValueError:
        return REDACTED
    return json.dumps(redacted(inner, depth=depth + 1), separators=(",", ":"))


_READERS: tuple[tuple[Any, Any], ...] = (
    (str, _text),
    (Mapping, _mapping),
    (list, _list),
    (bytes, lambda value, _shape, _depth: f"<{len(value)} bytes>"),
    (datetime, lambda value, _shape, _depth: value.isoformat()),
)
