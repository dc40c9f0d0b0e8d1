"""What is saved of which service: MiniStack's own account of it, split where entries are large, and more.

MiniStack says by `get_state` what it would save; most of that are the dictionaries it works on, which are
saved as they are. The tables below name where it gives something made for saving, and what it forgets.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded.durability.codecs import Codec, Listed, Split, Whole
from embedded.durability.nested import Numbered, Streams
from embedded.durability.splitters import Chunks, Items, Messages
from embedded.durability.touched import TouchedDict, WrittenDict

ITEMS = Items()
NO_KEY = ""
"""The key of what a service makes for saving: it is no dictionary's entry."""

_CODECS: Mapping[str, Callable[[], Codec]] = {
    "cloudwatch.metrics": lambda: Listed(Chunks()),
    "cloudwatch_logs.log_groups": lambda: Split({"streams": Streams()}),
    "dynamodb.tables": lambda: Split({"items": ITEMS}, without=("_index_members",)),
    "dynamodb._stream_records": lambda: Listed(Chunks()),
    "eventbridge.archives": lambda: Split({"Events": Chunks("events")}),
    "s3.buckets_meta": lambda: Split({}, without=("objects",)),
    "s3._multipart_uploads": lambda: Split({"parts": Numbered()}),
    "sqs.queues": lambda: Split({"messages": Messages()}),
}

# What `get_state` makes for saving, and the dictionary behind it.
_BEHIND: Mapping[str, str] = {"s3.buckets_meta": "_buckets"}

# Services whose `get_state` copies all they have, or writes files: the dictionaries by the names it gives.
EXPLICIT: Mapping[str, Mapping[str, str]] = {
    "dynamodb": {
        "tables": "_tables",
        "tags": "_tags",
        "ttl_settings": "_ttl_settings",
        "pitr_settings": "_pitr_settings",
        "kinesis_destinations": "_kinesis_destinations",
        "contributor_insights": "_contributor_insights",
        "backups": "_backups",
        "resource_policies": "_resource_policies",
        "exports": "_exports",
        "imports": "_imports",
    },
    "lambda": {
        "functions": "_functions",
        "layers": "_layers",
        "esms": "_esms",
        "function_urls": "_function_urls",
        "kinesis_positions": "_kinesis_positions",
        "dynamodb_stream_positions": "_dynamodb_stream_positions",
    },
}

# What MiniStack does not save at all: by service, the dictionaries of its module.
_FORGOTTEN: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("_stream_records", "_stream_trimmed", "_closed_streams"),
    "eventbridge": ("_rule_last_fired",),
    "s3": (
        "_multipart_uploads",
        "_completed_multipart_uploads",
        "_object_retention",
        "_object_legal_hold",
    ),
    "scheduler": ("_schedule_last_fired",),
    "sts": ("_sessions",),
}
# Their values are never changed once they are in.
_WRITTEN_ONLY = frozenset({"sts._sessions", "scheduler._schedule_last_fired", "eventbridge._rule_last_fired"})


@dataclass(frozen=True)
class Collection:
    """A dictionary that is saved, and how."""

    name: str
    container: WrittenDict
    codec: Codec


@dataclass(frozen=True)
class Derived:
    """What a service makes for saving, whole: looked at whenever anything of the service was touched."""

    names: tuple[str, ...]
    make: Callable[[], Mapping[str, Any]]
    codec: Whole = field(default_factory=Whole)


@dataclass(frozen=True)
class Service:
    """All that is saved of one of MiniStack's modules."""

    name: str
    collections: tuple[Collection, ...]
    derived: Derived | None


def codec_of(name: str) -> Codec:
    """A new codec for a collection."""
    return _CODECS.get(name, Whole)()


def forgotten(service: str) -> tuple[str, ...]:
    """The dictionaries of a service's module that are saved although MiniStack does not."""
    return _FORGOTTEN.get(service, ())


def empty_state(service: str, module: Any) -> dict[str, Any]:
    """What `get_state` of a service that has nothing would return, for what is saved to be put into."""
    state = _state(service, module)
    return {name: type(value)() if hasattr(value, "_data") else value for name, value in state.items()}


def loaded_module(module_name: str) -> Any:
    """A module of MiniStack's, if anything has imported it."""
    return sys.modules.get(f"ministack.services.{module_name}")


def attach(service: str, module: Any, codecs: Mapping[str, Codec]) -> Service:
    """Put dictionaries that remember touches in place of a module's own; `codecs` know what is saved."""
    state = _state(service, module)
    held = {id(value): value for value in vars(module).values() if hasattr(value, "_data")}
    collections, derived = [], []
    for name, value in state.items():
        full = f"{service}.{name}"
        behind = getattr(module, _BEHIND[full]) if full in _BEHIND else held.get(id(value))
        if behind is None:
            derived.append(name)
        else:
            collections.append(Collection(full, _watched(behind, full), _codec(full, codecs)))
    for name in forgotten(service):
        full = f"{service}.{name}"
        collections.append(Collection(full, _watched_attribute(module, name, full), _codec(full, codecs)))
    making = Derived(tuple(derived), module.get_state) if derived else None
    return Service(service, tuple(collections), making)


def _codec(name: str, codecs: Mapping[str, Codec]) -> Codec:
    return codecs.get(name) or codec_of(name)


def _state(service: str, module: Any) -> Mapping[str, Any]:
    named = EXPLICIT.get(service)
    if named is None:
        return _live_state(module)
    return {name: getattr(module, attribute) for name, attribute in named.items()}


def _live_state(module: Any) -> Mapping[str, Any]:
    """What `get_state` returns, but the dictionaries themselves where it would return copies."""
    from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

    kinds = (AccountScopedDict, AccountRegionScopedDict)
    for kind in kinds:
        kind.__deepcopy__ = _itself
    try:
        return dict(module.get_state() or {})
    finally:
        for kind in kinds:
            del kind.__deepcopy__


def _itself(scoped: Any, _memo: Any) -> Any:
    return scoped


def _watched(scoped: Any, name: str) -> WrittenDict:
    if not isinstance(scoped._data, WrittenDict):
        scoped._data = _kind(name)(scoped._data)
    found: WrittenDict = scoped._data
    return found


def _watched_attribute(module: Any, name: str, full: str) -> WrittenDict:
    value = getattr(module, name)
    if hasattr(value, "_data"):
        return _watched(value, full)
    if not isinstance(value, WrittenDict):
        value = _kind(full)(value)
        setattr(module, name, value)
    found: WrittenDict = value
    return found


def _kind(name: str) -> type[WrittenDict]:
    return WrittenDict if name in _WRITTEN_ONLY else TouchedDict
