"""What a target gets: the event, a part of it, a constant, or a template filled from it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.rules import paths

_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
# A whole string, or a placeholder outside of one.
_TEXT_OR_PLACEHOLDER = re.compile(r'"(?:\\.|[^"\\])*"|<[^<>\s]+>')
_RESERVED = frozenset(
    {
        "aws.events.rule-arn",
        "aws.events.rule-name",
        "aws.events.event",
        "aws.events.event.json",
        "aws.events.event.ingestion-time",
    }
)
_KINDS = ("Input", "InputPath", "InputTransformer")


class InvalidInput(ValueError):
    """An input that AWS refuses when the target is put."""


@dataclass(frozen=True)
class Delivery:
    """An event on its way by a rule: the event as a target gets it, and when it came in."""

    event: Mapping[str, Any]
    ingested: str
    rule_name: str
    rule_arn: str


def check(target: Mapping[str, Any]) -> None:
    """Raise InvalidInput for what AWS refuses of a target's input."""
    identity, given = target.get("Id"), [kind for kind in _KINDS if target.get(kind)]
    if len(given) > 1:
        raise InvalidInput(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {identity}."
        )
    transformer = target.get("InputTransformer") or {}
    named = transformer.get("InputPathsMap") or {}
    for path in [*named.values(), *([target["InputPath"]] if target.get("InputPath") else [])]:
        _check_path(path, identity)
    for name in named:
        if name.startswith("aws."):
            raise InvalidInput(f"InputPathsMap for target {identity} must not name {name}: it is reserved.")
    for name in _PLACEHOLDER.findall(transformer.get("InputTemplate", "")):
        if name not in named and name not in _RESERVED:
            raise InvalidInput(f"InputTemplate for target {identity} contains invalid placeholder {name}.")


def _check_path(path: str, identity: Any) -> None:
    try:
        paths.parse(path)
    except paths.InvalidPath as error:
        raise InvalidInput(f"Invalid InputPath for target {identity}: {error}.") from error


def payload(target: Mapping[str, Any], delivery: Delivery) -> str:
    """The text that a target gets."""
    if target.get("InputTransformer"):
        return _transformed(target["InputTransformer"], delivery)
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(_value(target["InputPath"], delivery.event, None))
    return json.dumps(delivery.event)


def _transformed(transformer: Mapping[str, Any], delivery: Delivery) -> str:
    # A path that leads nowhere leaves nothing behind.
    named = {
        name: _value(path, delivery.event, "")
        for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    values = named | _reserved(delivery)
    template = transformer["InputTemplate"]
    if _is_plain(template):
        return _PLACEHOLDER.sub(lambda found: _inside(values, found[1]), template)
    return _TEXT_OR_PLACEHOLDER.sub(lambda found: _filled(values, found[0]), template)


def _is_plain(template: str) -> bool:
    """Whether a template is text; one placeholder alone stands for its value."""
    alone = _PLACEHOLDER.fullmatch(template.strip())
    return not alone and '"' not in template and not template.lstrip().startswith(("{", "["))


def _filled(values: Mapping[str, Any], token: str) -> str:
    if token.startswith('"'):
        return _PLACEHOLDER.sub(lambda found: _inside(values, found[1]), token)
    # Outside of a text, a string gets its quotes.
    return json.dumps(values[token[1:-1]]) if token[1:-1] in values else ""


def _inside(values: Mapping[str, Any], name: str) -> str:
    """A value within a text: objects and lists lose their quotes, and nothing is escaped."""
    value = values.get(name, "")
    return value if isinstance(value, str) else json.dumps(value).replace('"', "")


def _reserved(delivery: Delivery) -> dict[str, Any]:
    return {
        "aws.events.rule-arn": delivery.rule_arn,
        "aws.events.rule-name": delivery.rule_name,
        "aws.events.event": {key: value for key, value in delivery.event.items() if key != "detail"},
        "aws.events.event.json": delivery.event,
        "aws.events.event.ingestion-time": delivery.ingested,
    }


def _value(path: str, event: Mapping[str, Any], default: Any) -> Any:
    try:
        return paths.follow(path, event)
    except paths.Missing:
        return default
