"""How an entry of a dictionary becomes rows, so that a small change of a large entry is a small write.

A codec remembers what it has yielded for each key; `forget` makes it yield everything again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from embedded.durability.encoding import dump

Part = tuple[str | None, str | None]
"""(name, JSON); (name, None): the part is gone; (None, None): every part is gone."""
ALL_GONE: Part = (None, None)
_MAIN = ""


class Codec(Protocol):
    """Knows the rows of a key."""

    def changes(self, key: Any, value: Any) -> Iterator[Part]:
        """What differs from what was yielded before."""

    def forget(self, key: Any) -> None:
        """Yield everything of this key at the next call, as it is gone or could not be written."""

    def join(self, key: Any, parts: Mapping[str, Any]) -> Any:
        """The value that was saved, given its decoded parts in order; remembered as yielded."""


class Splitter(Protocol):
    """Knows the rows of one large field of an entry."""

    def is_new(self, key: Any, field: Any, /) -> bool:
        """Whether nothing was yielded for this very field."""

    def changes(self, key: Any, field: Any) -> Iterator[Part]:
        """What differs from what was yielded before."""

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""

    def join(self, key: Any, parts: Mapping[str, Any]) -> Any:
        """The field, of the parts whose names are the splitter's."""


class Whole:
    """An entry in one row."""

    def __init__(self) -> None:
        self._seen: dict[Any, int] = {}

    def changes(self, key: Any, value: Any) -> Iterator[Part]:
        """The entry, where it differs."""
        text = dump(value)
        if self._seen.get(key) != hash(text):
            self._seen[key] = hash(text)
            yield _MAIN, text

    def forget(self, key: Any) -> None:
        """Yield it at the next call."""
        self._seen.pop(key, None)

    def join(self, key: Any, parts: Mapping[str, Any]) -> Any:
        """The entry."""
        self._seen[key] = hash(dump(parts[_MAIN]))
        return parts[_MAIN]


class Split:
    """An entry whose large fields have rows of their own, or are not saved here at all."""

    def __init__(self, fields: Mapping[str, Splitter], *, without: Sequence[str] = ()) -> None:
        self._fields = fields
        self._left_out = frozenset(fields) | frozenset(without)
        self._main = Whole()
        self._known: set[Any] = set()

    def changes(self, key: Any, value: Any) -> Iterator[Part]:
        """The rest of the entry where it differs, then what differs in its fields."""
        if key not in self._known or any(
            each.is_new(key, value.get(name)) for name, each in self._fields.items()
        ):
            self.forget(key)
            self._known.add(key)
            yield ALL_GONE
        yield from self._main.changes(key, self._rest(value))
        for name, splitter in self._fields.items():
            yield from splitter.changes(key, value.get(name))

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""
        self._known.discard(key)
        self._main.forget(key)
        for splitter in self._fields.values():
            splitter.forget(key)

    def join(self, key: Any, parts: Mapping[str, Any]) -> Any:
        """The entry with its fields."""
        self._known.add(key)
        value = dict(self._main.join(key, parts))
        for name, splitter in self._fields.items():
            value[name] = splitter.join(key, parts)
        return value

    def _rest(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: each for name, each in value.items() if name not in self._left_out}


class Listed:
    """An entry that is itself one long field."""

    def __init__(self, splitter: Splitter) -> None:
        self._splitter = splitter

    def changes(self, key: Any, value: Any) -> Iterator[Part]:
        """What differs."""
        if self._splitter.is_new(key, value):
            self._splitter.forget(key)
            yield ALL_GONE
        yield from self._splitter.changes(key, value)

    def forget(self, key: Any) -> None:
        """Yield everything at the next call."""
        self._splitter.forget(key)

    def join(self, key: Any, parts: Mapping[str, Any]) -> Any:
        """The entry."""
        return self._splitter.join(key, parts)
