"""JSONata's functions that take functions, and those on arrays, where jsonata-python deviates.

It counts the arguments of a built-in function by its obligatory ones, so that `$map(values, $round)` does not
pass the index; `$sort` and `$distinct` compare as Python does; sums are not those of doubles.
https://docs.jsonata.org/higher-order-functions
"""

import functools
import operator
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from embedded.stepfunctions.language.query.limits import TOO_LONG
from embedded.stepfunctions.language.query.messages import LimitExceeded
from embedded.stepfunctions.language.query.numbers import double, is_number, whole


def called(func: Any, *args: Any) -> Any:
    """A function called with as many of the arguments as it takes, at least the first."""
    return applied(func, list(args[: max(1, _arity(func))]))


def applied(func: Any, args: list[Any]) -> Any:
    """A function called in the evaluation under way, its arguments held against its signature."""
    evaluation = Jsonata.CURRENT.jsonata
    return evaluation.apply(func, args, None, evaluation.environment)


def _arity(func: Any) -> int:
    if isinstance(func, Jsonata.JFunction):
        return int(getattr(func, "arity", 1))
    return 1 if Functions.is_regex(func) or isinstance(func, Jsonata.JLambda) else len(func.arguments)


def truth(value: Any) -> bool:
    """`$boolean`, with false for what is undefined."""
    return bool(Functions.to_boolean(value))


def mapped(items: list[Any] | None, func: Any) -> Any:
    """`$map`."""
    if items is None:
        return None
    return _sequence(called(func, item, index, items) for index, item in enumerate(items))


def filtered(items: list[Any] | None, func: Any) -> Any:
    """`$filter`."""
    if items is None:
        return None
    return _sequence(item for index, item in enumerate(items) if truth(called(func, item, index, items)))


def single(items: list[Any] | None, func: Any = None) -> Any:
    """`$single`."""
    if items is None:
        return None
    found = [
        item for index, item in enumerate(items) if func is None or truth(called(func, item, index, items))
    ]
    if len(found) != 1:
        raise JException("D3138" if found else "D3139", -1)
    return found[0]


def reduced(items: list[Any] | None, func: Any, initial: Any = None) -> Any:
    """`$reduce`."""
    if items is None:
        return None
    if _arity(func) < 2:
        raise JException("D3050", -1)
    values = iter(enumerate(items))
    result = next(values, (0, None))[1] if initial is None else initial
    for index, item in values:
        result = called(func, result, item, index, items)
    return result


def each(value: dict[str, Any] | None, func: Any) -> Any:
    """`$each`."""
    return None if value is None else _sequence(called(func, item, key, value) for key, item in value.items())


def sifted(value: dict[str, Any] | None = None, func: Any = None) -> Any:
    """`$sift`: nothing, where nothing is left. Its signature lets the function be left out."""
    if func is None:
        raise JException("T0410", -1, 2, "sift")
    if value is None:
        return None
    return {key: item for key, item in value.items() if truth(called(func, item, key, value))} or None


def _sequence(values: Iterable[Any]) -> Any:
    return Utils.create_sequence_from_iter([value for value in values if value is not None])


def merge_sorted(items: list[Any], swap: Callable[[Any, Any], bool]) -> list[Any]:
    """The reference's merge sort: defined also under a comparator that contradicts itself."""
    if len(items) <= 1:
        return items
    middle = len(items) // 2
    left, right = merge_sorted(items[:middle], swap), merge_sorted(items[middle:], swap)
    result: list[Any] = []
    lower, upper = 0, 0
    while lower < len(left) and upper < len(right):
        if swap(left[lower], right[upper]):
            result.append(right[upper])
            upper += 1
        else:
            result.append(left[lower])
            lower += 1
    return result + left[lower:] + right[upper:]


def sort(items: list[Any] | None, comparator: Any = None) -> Any:
    """`$sort`: numbers, texts, or by a function that says whether two are to be swapped."""
    if items is None or len(items) <= 1:
        return items
    if comparator is not None:
        return merge_sorted(items, lambda left, right: _truthy(called(comparator, left, right)))
    if not all(map(is_number, items)) and not all(isinstance(item, str) for item in items):
        raise JException("D3070", -1)
    return sorted(items)


def _truthy(value: Any) -> bool:
    """As JavaScript takes it, not as `$boolean` does."""
    return value is not Utils.NULL_VALUE and (isinstance(value, list | dict) or bool(value))


def distinct(items: Any) -> Any:
    """`$distinct`."""
    if not isinstance(items, list) or len(items) <= 1:
        return items
    result: list[Any] = Utils.create_sequence() if Utils.is_sequence(items) else []
    seen: set[tuple[type, Any]] = set()
    for item in items:
        simple = _simple(item)
        if simple in seen or (simple is None and _is_among(item, result)):
            continue
        result.append(item)
        seen.update([simple] if simple else ())
    return result


def _is_among(item: Any, known: list[Any]) -> bool:
    if time.monotonic() > Jsonata.CURRENT.jsonata.end:
        raise LimitExceeded(TOO_LONG)
    return any(Utils.is_deep_equal(item, one) for one in known)


def _simple(item: Any) -> tuple[type, Any] | None:
    """What a text or a number is known by, so that long arrays of them take no time."""
    if isinstance(item, str | int | float) and not isinstance(item, bool):
        return (str if isinstance(item, str) else float, item)
    return None


def shuffler(source: random.Random) -> Callable[[list[Any] | None], list[Any] | None]:
    """`$shuffle` with a source of randomness."""

    def shuffled(items: list[Any] | None) -> list[Any] | None:
        return items if items is None or len(items) <= 1 else source.sample(items, len(items))

    return shuffled


def total(items: list[Any] | None) -> Any:
    """`$sum`, one double after the other."""
    return None if items is None else whole(functools.reduce(operator.add, map(double, items), 0.0))


def average(items: list[Any] | None) -> Any:
    """`$average`."""
    return whole(double(total(items)) / len(items)) if items else None
