"""What an expression can call: JSONata's functions, mended where jsonata-python deviates, and AWS's own.

`$eval` is not there: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonata.functions import Functions
from jsonata.jsonata import Jsonata
from jsonata.signature import Signature

from embedded.stepfunctions.language.query import (
    arithmetic,
    dates,
    lists,
    pictures,
    states_functions,
    text,
    transforming,
)

_RESERVED_IN_URLS = ";/?:@&=+$,#"
_SAFE_IN_COMPONENTS = "~()*!.'"

# Name: the function, and its signature in JSONata's notation.
_MENDED: dict[str, tuple[Callable[..., Any], str]] = {
    "sum": (lists.total, "<a<n>:n>"),
    "average": (lists.average, "<a<n>:n>"),
    "max": (arithmetic.extreme(max), "<a<n>:n>"),
    "min": (arithmetic.extreme(min), "<a<n>:n>"),
    "count": (arithmetic.count, "<a:n>"),
    "string": (text.string, "<x-b?:s>"),
    "lowercase": (text.lowercase, "<s-:s>"),
    "contains": (text.contains, "<s-(sf):b>"),
    "match": (text.match, "<s-f<s:o>n?:a<o>>"),
    "split": (text.split, "<s-(sf)n?:a<s>>"),
    "replace": (text.replace, "<s-(sf)(sf)n?:s>"),
    "base64encode": (text.base64encode, "<s-:s>"),
    "base64decode": (text.base64decode, "<s-:s>"),
    "encodeUrl": (text.encoder("encodeUrl", _RESERVED_IN_URLS + _SAFE_IN_COMPONENTS), "<s-:s>"),
    "encodeUrlComponent": (text.encoder("encodeUrlComponent", _SAFE_IN_COMPONENTS), "<s-:s>"),
    "decodeUrl": (text.decoder("decodeUrl", _RESERVED_IN_URLS), "<s-:s>"),
    "decodeUrlComponent": (text.decoder("decodeUrlComponent", ""), "<s-:s>"),
    "number": (arithmetic.number, "<(nsb)-:n>"),
    "abs": (arithmetic.absolute, "<n-:n>"),
    "floor": (arithmetic.floor, "<n-:n>"),
    "ceil": (arithmetic.ceiling, "<n-:n>"),
    "round": (arithmetic.round_half_even, "<n-n?:n>"),
    "power": (arithmetic.power, "<n-n:n>"),
    "sqrt": (arithmetic.square_root, "<n-:n>"),
    "formatBase": (arithmetic.format_base, "<n-n?:s>"),
    "formatInteger": (arithmetic.format_integer, "<n-s:s>"),
    "parseInteger": (arithmetic.parse_integer, "<s-s:n>"),
    "formatNumber": (pictures.format_number, "<n-so?:s>"),
    "map": (lists.mapped, "<af>"),
    "filter": (lists.filtered, "<af>"),
    "single": (lists.single, "<af?>"),
    "reduce": (lists.reduced, "<afj?:j>"),
    "each": (lists.each, "<o-f:a>"),
    "sift": (lists.sifted, "<o-f?:o>"),
    "sort": (lists.sort, "<af?:a>"),
    "distinct": (lists.distinct, "<x:x>"),
    "clone": (transforming.copied, "<(oa)-:o>"),
    "toMillis": (dates.to_millis, "<s-s?:n>"),
    "fromMillis": (dates.from_millis, "<n-s?s?:s>"),
    "partition": (states_functions.partition, "<x?x?:x>"),
    "range": (states_functions.numbers, "<x?x?x?:x>"),
    "hash": (states_functions.hashed, "<x?x?:x>"),
    "parse": (states_functions.parse, "<x?:x>"),
}
# How many arguments each function is offered when it is passed to another one, where that is not one.
_ARITIES = {
    **dict.fromkeys(["substring", "pad", "match", "split", "formatNumber", "reduce", "fromMillis"], 3),
    **dict.fromkeys(["substringBefore", "substringAfter", "contains", "join", "formatBase", "round"], 2),
    **dict.fromkeys(["formatInteger", "parseInteger", "power", "map", "filter", "single", "sift"], 2),
    **dict.fromkeys(["lookup", "append", "each", "assert", "sort", "toMillis", "partition", "hash"], 2),
    "replace": 4,
    "range": 3,
}


class _Named(Signature):  # type: ignore[misc]  # jsonata has no types
    """A signature of all evaluations: none of them may give it the name of a variable of its own."""

    def set_function_name(self, function_name: str) -> None:
        """Keep the function's name."""


@lru_cache(maxsize=256)
def _signature(text: str, name: str) -> Signature:
    return _Named(text, name)


def _kept(signature: Signature) -> Signature:
    """A signature of jsonata's own functions that keeps its name."""
    found = _Named.__new__(_Named)
    found.__dict__.update(signature.__dict__)
    return found


class Function(Jsonata.JFunction):  # type: ignore[misc]  # jsonata has no types
    """A function of ours in jsonata's terms."""

    def __init__(self, name: str, implementation: Callable[..., Any], signature: str) -> None:
        self.function_name = name
        self.signature = _signature(signature, name)
        self.arity = _ARITIES.get(name, 1)
        self._implementation = implementation

    def get_number_of_args(self) -> int:
        """How many arguments its signature names."""
        return len(self.signature._params)

    def call(self, _input: Any, args: list[Any]) -> Any:
        """Call it; what is left out is undefined."""
        return self._implementation(*args)


class Unmended(Function):
    """A function of jsonata-python that does what it should."""

    def __init__(self, name: str, native: Jsonata.JNativeFunction) -> None:
        self.function_name = name
        self.signature = _kept(native.signature)
        self.arity = _ARITIES.get(name, 1)
        self._native = native

    def call(self, _input: Any, args: list[Any]) -> Any:
        """Call it."""
        return Functions._call(self._native.method, self._native.nargs, args)


@dataclass(frozen=True)
class Surroundings:
    """What makes an evaluation what it is, besides its variables."""

    millis: int
    """The time that `$now` and `$millis` tell."""
    random: random.Random


# Functions that differ from one evaluation to the next: what makes them, and their signature.
_VARYING: dict[str, tuple[Callable[[Surroundings], Callable[..., Any]], str]] = {
    "now": (lambda around: dates.now(around.millis), "<s?s?:s>"),
    "millis": (lambda around: lambda: around.millis, "<:n>"),
    "random": (lambda around: states_functions.seeded(around.random), "<x?:n>"),
    "uuid": (lambda around: states_functions.identifiers(around.random), "<:s>"),
    "shuffle": (lambda around: lists.shuffler(around.random), "<a:a>"),
}


class Scope(Jsonata.Frame):  # type: ignore[misc]  # jsonata has no types
    """The outermost scope of an evaluation: all functions, some made only when they are asked for."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(_static)
        self._surroundings = surroundings

    def lookup(self, name: str) -> Any:
        """A function by its name; None where there is none."""
        if name in _VARYING and name not in self.bindings:
            made, signature = _VARYING[name]
            self.bindings[name] = Function(name, made(self._surroundings), signature)
        return super().lookup(name)


def _functions() -> Jsonata.Frame:
    scope = Jsonata.Frame(None)
    for name, native in Jsonata.static_frame.bindings.items():
        scope.bindings[name] = Unmended(name, native)
    for name, (implementation, signature) in _MENDED.items():
        scope.bindings[name] = Function(name, implementation, signature)
    del scope.bindings["eval"]
    return scope


_static = _functions()
NAMES = frozenset([*_static.bindings, *_VARYING])
"""The names of all functions, without `$`."""
