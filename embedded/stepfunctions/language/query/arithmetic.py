"""JSONata's functions on numbers, where jsonata-python ends in Python's errors or rounds otherwise.

https://docs.jsonata.org/numeric-functions
"""

import math
import re
from typing import Any

from jsonata.datetimeutils import DateTimeUtils
from jsonata.functions import Functions
from jsonata.jexception import JException

from embedded.stepfunctions.language.query.dates import by_picture
from embedded.stepfunctions.language.query.numbers import double, is_number, rounded, whole

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?", re.ASCII)
_PREFIXED = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+", re.ASCII)


def number(value: Any) -> Any:
    """`$number`: of texts those that are numbers in JSON, or hexadecimal, octal, binary ones."""
    if value is None or is_number(value):
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
        return whole(float(value))
    if isinstance(value, str) and _PREFIXED.fullmatch(value):
        return int(value, 0)
    raise JException("D3030", -1, value)


def absolute(value: float | None) -> float | None:
    """`$abs`."""
    return None if value is None else abs(value)


def floor(value: float | None) -> float | None:
    """`$floor`."""
    return value if value is None or not math.isfinite(value) else math.floor(value)


def ceiling(value: float | None) -> float | None:
    """`$ceil`."""
    return value if value is None or not math.isfinite(value) else math.ceil(value)


def round_half_even(value: float | None, precision: float | None = None) -> float | None:
    """`$round`."""
    if value is None or not math.isfinite(value):
        return value
    return rounded(value, int(precision or 0))


def power(base: float | None, exponent: float | None) -> float | None:
    """`$power`; what is no finite number is refused."""
    if base is None:
        return None
    try:
        result = math.pow(double(base), math.nan if exponent is None else double(exponent))
    except (OverflowError, ValueError):
        result = math.nan
    if not math.isfinite(result):
        raise JException("D3061", -1, base, exponent)
    return whole(result)


def square_root(value: float | None) -> float | None:
    """`$sqrt`."""
    if value is None:
        return None
    if value < 0:
        raise JException("D3060", -1, value)
    return whole(math.sqrt(double(value)))


def format_base(value: float | None, radix: float | None = None) -> str | None:
    """`$formatBase`."""
    if value is None:
        return None
    base = 10 if radix is None else int(rounded(radix, 0))
    if not 2 <= base <= 36:
        raise JException("D3100", -1, base)
    return str(Functions.base_repr(int(rounded(value, 0)), base).lower())


def format_integer(value: float | None, picture: str | None) -> str | None:
    """`$formatInteger`."""
    if value is None:
        return None
    return str(by_picture(lambda: DateTimeUtils.format_integer(math.floor(value), picture), picture))


def parse_integer(text: str | None, picture: str | None) -> Any:
    """`$parseInteger`: no number (NaN) where the picture does not fit the text."""
    if text is None:
        return None
    try:
        found = DateTimeUtils.parse_integer(text, picture)
    except (ValueError, KeyError):
        return math.nan
    return math.nan if found is None else found


def extreme(pick: Any) -> Any:
    """`$max` or `$min`."""
    return lambda items: pick(items) if items else None


def count(items: list[Any] | None) -> int:
    """`$count`."""
    return 0 if items is None else len(items)
