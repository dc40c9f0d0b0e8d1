"""From jsonata's values back to plain JSON."""

import math
from typing import Any

from jsonata.utils import Utils

from embedded.stepfunctions.language.query.numbers import LONG, double, whole


class NotJson(Exception):
    """A function, or something with a function in it."""


def plain(value: Any) -> Any:
    """A copy in plain JSON: null is None, whole doubles are ints, what is not finite is a text as on AWS."""
    if isinstance(value, str | bool):
        return value
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int | float):
        return _number(value)
    raise NotJson("The expression returned a function")


def _number(value: float) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return whole(value) if -LONG <= value < LONG else double(value)
