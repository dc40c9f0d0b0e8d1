"""The large fields of MiniStack's entries that are lists and tables: what grows, messages, items."""

import json
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

from embedded.durability.codecs import Part
from embedded.durability.encoding import dump

_CHUNK = 32
_SEPARATOR = "\x00"
_UNKNOWN = (0, object())


class Chunks:
    """A list of entries that nobody changes once they are in it: rows of 32 entries each."""

    def __init__(self, prefix: str = "chunk") -> None:
        self._prefix = prefix
        self._seen: dict[Any, list[Any]] = {}

    def is_new(self, key: Any, _field: Any) -> bool:
        """Whether nothing was yielded for this key."""
        return key not in self._seen

    def changes(self, key: Any, field: Any) -> Iterator[Part]:
        """The chunks that differ; entries are compared by identity first, so this is quick."""
        seen, current = self._seen.get(key, []), list(field or ())
        if _is_same(seen, current):
            self._seen.setdefault(key, current)
            return
        first = len(seen) // _CHUNK if _has_only_grown(seen, current) else 0
        for start in range(first * _CHUNK, len(current), _CHUNK):
            chunk = current[start : start + _CHUNK]
            if chunk != seen[start : start + _CHUNK]:
                yield self._name(start), dump(chunk)
        for start in range(_rounded_up(len(current)), len(seen), _CHUNK):
            yield self._name(start), None
        self._seen[key] = current

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""
        self._seen.pop(key, None)

    def join(self, key: Any, parts: Mapping[str, Any]) -> list[Any]:
        """The list."""
        start = f"{self._prefix}{_SEPARATOR}"
        found = [entry for name, chunk in parts.items() if name.startswith(start) for entry in chunk]
        self._seen[key] = list(found)
        return found

    def _name(self, start: int) -> str:
        return f"{self._prefix}{_SEPARATOR}{start:09d}"


class Messages:
    """The messages of a queue: a row for each, written when it is received, too.

    Numbers keep their order. A message is known by its object, as one may be in a queue and its dead-letter
    queue under one id; and every receive, delete and change of visibility changes `visible_at` or the list.
    """

    def __init__(self) -> None:
        self._seen: dict[Any, _Seen] = {}

    def is_new(self, key: Any, _field: Any) -> bool:
        """Whether nothing was yielded for this key."""
        return key not in self._seen

    def changes(self, key: Any, field: Any) -> Iterator[Part]:
        """Messages that were sent, received, made visible or deleted."""
        seen, current = self._seen.get(key, _Seen([], [], [])), list(field)
        moments = [message.get("visible_at") for message in current]
        known = len(seen.messages)
        if all(map(is_, seen.messages, current)) and moments[:known] == seen.moments:
            numbers = yield from _appended(seen, current[known:])
        else:
            numbers = yield from _differing(seen, current, moments)
        self._seen[key] = _Seen(current, moments, numbers)

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""
        self._seen.pop(key, None)

    def join(self, key: Any, parts: Mapping[str, Any]) -> list[Any]:
        """The messages in their order."""
        named = {name: message for name, message in parts.items() if name.startswith("message")}
        found = list(named.values())
        numbers = [int(name.rpartition(_SEPARATOR)[2]) for name in named]
        self._seen[key] = _Seen(list(found), [message.get("visible_at") for message in found], numbers)
        return found


@dataclass(frozen=True)
class _Seen:
    """What was yielded of a queue: the messages, when each is visible, and the numbers of their rows."""

    messages: list[Any]
    moments: list[Any]
    numbers: list[int]

    @property
    def newest(self) -> int:
        """The highest number."""
        return max(self.numbers, default=0)


def _appended(seen: _Seen, messages: Sequence[Any]) -> Generator[Part, None, list[int]]:
    """What a send does; looks at nothing else, as a queue may be long."""
    numbers = range(seen.newest + 1, seen.newest + 1 + len(messages))
    for number, message in zip(numbers, messages, strict=True):
        yield _message_part(number), dump(message)
    return [*seen.numbers, *numbers]


def _differing(
    seen: _Seen, current: Sequence[Any], moments: Sequence[Any]
) -> Generator[Part, None, list[int]]:
    before = zip(seen.messages, zip(seen.numbers, seen.moments, strict=True), strict=True)
    left = {id(message): known for message, known in before}
    newest, numbers = seen.newest, []
    for message, moment in zip(current, moments, strict=True):
        number, moment_before = left.pop(id(message), _UNKNOWN)
        if not number:
            number = newest = newest + 1
        numbers.append(number)
        if moment_before != moment:
            yield _message_part(number), dump(message)
    for number, _ in left.values():
        yield _message_part(number), None
    return numbers


def _message_part(number: int) -> str:
    return f"message{_SEPARATOR}{number:012d}"


class Items:
    """The items of a table: a row for each. Who stores or removes one says so by `mark`."""

    def __init__(self) -> None:
        self._seen: dict[Any, Any] = {}
        self._marked: dict[Any, set[tuple[Any, Any]]] = defaultdict(set)

    def mark(self, key: Any, partition: Any, sort: Any) -> None:
        """Note that an item was stored or removed."""
        self._marked[key].add((partition, sort))

    def is_new(self, key: Any, field: Any) -> bool:
        """Whether all items were exchanged, as a restored table's are."""
        return self._seen.get(key) is not field

    def changes(self, key: Any, field: Any) -> Iterator[Part]:
        """What is marked; everything, where the items are new."""
        marked = self._marked[key]
        if self._seen.get(key) is not field:
            marked.clear()
            self._seen[key] = field
            marked.update((partition, sort) for partition, each in list(field.items()) for sort in list(each))
        while marked:
            partition, sort = marked.pop()
            item = field[partition].get(sort) if partition in field else None
            yield self._name(partition, sort), None if item is None else dump(item)

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""
        self._seen.pop(key, None)

    def join(self, key: Any, parts: Mapping[str, Any]) -> "defaultdict[Any, dict[Any, Any]]":
        """The items as MiniStack holds them: by partition key, then by sort key."""
        found: defaultdict[Any, dict[Any, Any]] = defaultdict(dict)
        for name, item in parts.items():
            kind, _, names = name.partition(_SEPARATOR)
            if kind == "item":
                partition, sort = json.loads(names)
                found[partition][sort] = item
        self._seen[key] = found
        return found

    def _name(self, partition: Any, sort: Any) -> str:
        return f"item{_SEPARATOR}{json.dumps([partition, sort])}"


def _is_same(seen: Sequence[Any], current: Sequence[Any]) -> bool:
    if len(seen) != len(current):
        return False
    return not seen or (seen[0] is current[0] and seen[-1] is current[-1])


def _has_only_grown(seen: Sequence[Any], current: Sequence[Any]) -> bool:
    if not seen or len(current) <= len(seen):
        return False
    return seen[0] is current[0] and seen[-1] is current[len(seen) - 1]


def _rounded_up(length: int) -> int:
    return -(-length // _CHUNK) * _CHUNK
