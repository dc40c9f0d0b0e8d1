"""Fields that are dictionaries of large things: the streams of a log group, the parts of an upload."""

from collections.abc import Iterator, Mapping
from typing import Any

from embedded.durability.codecs import Part, Whole
from embedded.durability.encoding import dump
from embedded.durability.splitters import Chunks

_SEPARATOR = "\x00"
_EVENTS = "events"


class Streams:
    """The streams of a log group: a row for each, and its events in chunks.

    A stream whose list of events has neither grown nor shrunk is taken as unchanged.
    """

    def __init__(self) -> None:
        self._seen: dict[Any, dict[str, _Stream]] = {}

    def is_new(self, key: Any, _field: Any) -> bool:
        """Whether nothing was yielded for this group."""
        return key not in self._seen

    def changes(self, key: Any, field: Any) -> Iterator[Part]:
        """What differs."""
        seen = self._seen.setdefault(key, {})
        current = dict(field)
        for name, stream in current.items():
            yield from seen.setdefault(name, _Stream(name)).changes(stream)
        for name in seen.keys() - current.keys():
            yield from seen.pop(name).gone()

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""
        self._seen.pop(key, None)

    def join(self, key: Any, parts: Mapping[str, Any]) -> dict[str, Any]:
        """The streams with their events."""
        seen = self._seen.setdefault(key, {})
        found: dict[str, Any] = {}
        for part, value in parts.items():
            kind, _, name = part.partition(_SEPARATOR)
            if kind == "stream":
                seen[name] = _Stream(name)
                found[name] = seen[name].join(value, parts)
        return found


class _Stream:
    """What was yielded of one stream."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._main = Whole()
        self._events = Chunks(f"{_EVENTS}{_SEPARATOR}{name}")

    def changes(self, stream: Mapping[str, Any]) -> Iterator[Part]:
        rest = {key: value for key, value in stream.items() if key != _EVENTS}
        for _, text in self._main.changes("", rest):
            yield f"stream{_SEPARATOR}{self._name}", text
        yield from self._events.changes("", stream[_EVENTS])

    def gone(self) -> Iterator[Part]:
        yield f"stream{_SEPARATOR}{self._name}", None
        yield from self._events.changes("", ())

    def join(self, main: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        stream = dict(self._main.join("", {"": main}))
        stream[_EVENTS] = self._events.join("", parts)
        return stream


class Numbered:
    """A dictionary by number whose values are replaced, never changed: the parts of an upload."""

    def __init__(self) -> None:
        self._seen: dict[Any, dict[int, Any]] = {}

    def is_new(self, key: Any, _field: Any) -> bool:
        """Whether nothing was yielded for this upload."""
        return key not in self._seen

    def changes(self, key: Any, field: Any) -> Iterator[Part]:
        """Parts that were added or replaced."""
        seen = self._seen.setdefault(key, {})
        for number, value in dict(field).items():
            if seen.get(number) is not value:
                seen[number] = value
                yield f"part{_SEPARATOR}{number}", dump(value)

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""
        self._seen.pop(key, None)

    def join(self, key: Any, parts: Mapping[str, Any]) -> dict[int, Any]:
        """The values by number."""
        named = ((name.partition(_SEPARATOR), value) for name, value in parts.items())
        found = {int(number): value for (kind, _, number), value in named if kind == "part"}
        self._seen[key] = dict(found)
        return found
