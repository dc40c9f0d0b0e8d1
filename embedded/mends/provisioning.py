"""What CloudFormation types have in common that are made by an operation of MiniStack's."""

import json
from collections.abc import Collection, Mapping
from typing import Any

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]


def accepted(type_name: str, answer: Any) -> bytes:
    """The body of an answer; ValueError where the operation refused."""
    status, _, body = answer
    content = body if isinstance(body, bytes) else str(body).encode()
    if status >= 400:
        raise ValueError(f"{type_name}: {content.decode()}")
    return content


def parsed(type_name: str, answer: Any) -> dict[str, Any]:
    """As `accepted`, of an operation that answers in JSON."""
    found: dict[str, Any] = json.loads(accepted(type_name, answer) or b"{}")
    return found


def check_known(type_name: str, properties: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise ValueError for properties that would be ignored."""
    unknown = sorted(set(properties) - set(known))
    if unknown:
        raise ValueError(f"{type_name}: {', '.join(unknown)} is not supported here")


def physical_name(stack: str, logical_id: str, longest: int) -> str:
    """A name for a resource that has none."""
    from ministack.services.cloudformation.provisioners import _physical_name

    return str(_physical_name(stack, logical_id, max_len=longest))
