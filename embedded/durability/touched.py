"""Dictionaries that remember which of their keys may have changed since somebody looked.

MiniStack keeps each kind of resource in a dictionary and changes the values in place. Whoever changes a
value has fetched it first, so a key that was fetched or set since the last save is one that may have changed;
only those are compared with what is on disk. A request that keeps hold of a value for long (a long poll) may
change it after a save, so each request remembers its keys and touches them again when it ends (`Touches`).
"""

import contextlib
import contextvars
import copy
from collections.abc import Iterator
from typing import Any

_of_this_request: contextvars.ContextVar["Touches | None"] = contextvars.ContextVar("touches", default=None)


class Touches:
    """What one request touched, and what it could not write."""

    def __init__(self) -> None:
        self._keys: set[tuple[WrittenDict, Any]] = set()
        self.failure: Exception | None = None

    def add(self, container: "WrittenDict", key: Any) -> None:
        """Remember a key."""
        self._keys.add((container, key))

    def again(self) -> None:
        """Touch every key once more: the request may have changed it since."""
        for container, key in list(self._keys):
            container.touched.add(key)


@contextlib.contextmanager
def remembered() -> Iterator[Touches]:
    """Remember what is touched inside, also by tasks and threads that inherit the context."""
    touches = Touches()
    token = _of_this_request.set(touches)
    try:
        yield touches
    finally:
        _of_this_request.reset(token)


def failed(error: Exception) -> None:
    """Tell the request that this is done for, if any, that something of it could not be written."""
    touches = _of_this_request.get()
    if touches is not None:
        touches.failure = error


class WrittenDict(dict[Any, Any]):
    """Touched by writing only: for values that nobody changes once they are in it."""

    __slots__ = ("touched",)
    # By identity, so that requests can remember it; never compared.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.touched: set[Any] = set(self)

    def _touch(self, key: Any) -> None:
        self.touched.add(key)
        touches = _of_this_request.get()
        if touches is not None:
            touches.add(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self._touch(key)

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        self._touch(key)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """As of a dict."""
        self._touch(key)
        return super().setdefault(key, default)

    def pop(self, key: Any, *default: Any) -> Any:
        """As of a dict."""
        found = super().pop(key, *default)
        self._touch(key)
        return found

    def update(self, *arguments: Any, **named: Any) -> None:
        """As of a dict."""
        added = dict(*arguments, **named)
        super().update(added)
        for key in added:
            self._touch(key)

    def clear(self) -> None:
        """As of a dict."""
        self.touched.update(self)
        super().clear()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {copy.deepcopy(key, memo): copy.deepcopy(value, memo) for key, value in list(super().items())}


class TouchedDict(WrittenDict):
    """Touched by reading, too: whoever has a value may change it."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        self._touch(key)
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """As of a dict."""
        if key not in self:
            return default
        self._touch(key)
        return super().get(key, default)

    def items(self) -> Any:
        """As of a dict; everything may be changed by who gets it."""
        self._touch_all()
        return super().items()

    def values(self) -> Any:
        """As of a dict; everything may be changed by who gets it."""
        self._touch_all()
        return super().values()

    def _touch_all(self) -> None:
        for key in list(self):
            self._touch(key)
