"""Numbers as JSONata has them: doubles, written as JavaScript writes them.

jsonata-python keeps whole numbers as ints of any size and writes them in Python's way.
"""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

LONG = 2**63
"""AWS keeps a whole number exact while it fits 64 bits, and takes it for a double beyond."""
EXACT = 2**53
_DIGITS = Context(prec=15, rounding=ROUND_HALF_EVEN)


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def whole(value: float) -> int | float:
    """An int for a double without a fraction, else the double; -0 is 0."""
    return int(value) if math.isfinite(value) and value == int(value) else value


def double(value: float) -> float:
    """A number as a double; what is too large for one is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def number_text(value: float) -> str:
    """A finite number as JavaScript's `String(value)` writes it: `1e+21`, `100000000000000000000`, `1e-7`."""
    if isinstance(value, int) and abs(value) < EXACT:
        return str(value)
    sign, digits, exponent = Decimal(repr(double(value))).normalize().as_tuple()
    text = "".join(map(str, digits))
    return ("-" if sign and text != "0" else "") + _placed(text, len(text) + int(exponent))


def _placed(digits: str, point: int) -> str:
    """Shortest digits with the decimal point behind the first `point` of them."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = f"e{point - 1:+d}"
    return (f"{digits[0]}.{digits[1:]}" if digits[1:] else digits) + exponent


def rounded_text(value: float) -> str:
    """A number as `$string` writes it: fractions with 15 significant digits."""
    value = whole(double(value)) if isinstance(value, float) else value
    if isinstance(value, int):
        return number_text(value)
    return number_text(float(_DIGITS.create_decimal(Decimal(value))))


def rounded(value: float, precision: int) -> float:
    """`$round`: half to even, counted on the decimal digits; a negative precision rounds to tens."""
    shifted = Decimal(repr(value)).scaleb(precision)
    if shifted.adjusted() > 300:
        return value
    return whole(float(shifted.to_integral_value(ROUND_HALF_EVEN).scaleb(-precision)))
