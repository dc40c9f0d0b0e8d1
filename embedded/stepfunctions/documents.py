"""JSON as Step Functions writes it: no blanks, every character as it is, numbers as Java writes them."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

MOST_BYTES = 262_144
"""Of an input or output: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html."""

_MOST_PLAIN, _LEAST_PLAIN = 1e7, 1e-3


def dumps(value: object) -> str:
    """A value as text."""
    encoder = _JAVA if _has_float(value) else _PLAIN
    return encoder.encode(value)


def is_too_large(text: str) -> bool:
    """Whether a text is more than states hand on."""
    return len(text.encode()) > MOST_BYTES


def java_float(value: float) -> str:
    """As Java's Double.toString: plain from 0.001 up to ten million, else with an exponent: `1.0E25`."""
    if value == 0 or _LEAST_PLAIN <= abs(value) < _MOST_PLAIN:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    figures = "".join(map(str, digits))
    power = int(exponent) + len(figures) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


class _JavaEncoder(json.JSONEncoder):
    def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
        """As the encoder in plain Python does, with floats of our own."""
        make = json.encoder._make_iterencode  # type: ignore[attr-defined]
        iterate = make(
            {},
            self.default,
            json.encoder.encode_basestring,
            None,
            java_float,
            ":",
            ",",
            False,
            False,
            _one_shot,
        )
        found: Iterator[str] = iterate(o, 0)
        return found


_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_JAVA = _JavaEncoder(ensure_ascii=False, separators=(",", ":"))


def _has_float(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_float, value))
    return isinstance(value, float)
