"""What operators do with two values, where jsonata-python does otherwise."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from jsonata.jexception import JException

from embedded.stepfunctions.language.query.numbers import is_number


def is_finite(value: Any) -> bool:
    """Whether arithmetic takes a value; raises D1001 for what is infinite."""
    if not is_number(value) or (isinstance(value, float) and math.isnan(value)):
        return False
    if isinstance(value, float) and math.isinf(value):
        raise JException("D1001", -1, value)
    return True


def are_same(left: Any, right: Any) -> bool:
    """JavaScript's `===`."""
    if isinstance(left, dict | list):
        return left is right
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right else math.nan


ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divided,
    "%": _remainder,
}
