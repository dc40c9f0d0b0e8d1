"""`$formatNumber`: numbers by a picture (https://www.w3.org/TR/xpath-functions-31/#formatting-numbers).

Written anew after the reference implementation: jsonata-python checks and rounds otherwise.
"""

import math
from dataclasses import dataclass
from functools import reduce
from typing import Any

from jsonata.jexception import JException

from embedded.stepfunctions.language.query.numbers import EXACT, double, number_text, rounded

_DEFAULTS = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "infinity": "Infinity",
    "minus-sign": "-",
    "NaN": "NaN",
    "percent": "%",
    "per-mille": "\u2030",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}


@dataclass(frozen=True)
class Signs:
    """The characters that mean something in a picture."""

    point: str
    group: str
    exponent: str
    minus: str
    percent: str
    per_mille: str
    optional: str
    digits: str
    active: frozenset[str]

    def digits_in(self, text: str) -> int:
        """How many obligatory digits a part of a picture has."""
        return sum(character in self.digits for character in text)

    def places_in(self, text: str) -> int:
        """How many digits, obligatory or not, a part of a picture has."""
        return sum(character in self.digits or character == self.optional for character in text)


@dataclass(frozen=True)
class Picture:
    """One of the (at most two) sub-pictures, taken apart."""

    text: str
    prefix: str
    suffix: str
    active: str
    integer: str
    fraction: str
    exponent: str | None

    @property
    def mantissa(self) -> str:
        """What stands before the exponent, without a point."""
        return self.integer + self.fraction


def format_number(value: float | None, picture: str | None, options: dict[str, str] | None = None) -> Any:
    """A number by a picture such as `#,##0.00;(#)`; raises D3080 to D3093 for a picture that is none."""
    if value is None or picture is None:
        return None
    named = {**_DEFAULTS, **(options or {})}
    signs = _signs(named)
    parts = [_apart(part, signs) for part in picture.split(named["pattern-separator"])]
    if len(parts) > 2:
        raise JException("D3080", -1)
    for part in parts:
        _check(part, signs)
    negative_prefix = signs.minus if value < 0 and len(parts) == 1 else ""
    part = parts[-1] if value < 0 else parts[0]
    return negative_prefix + part.prefix + _formatted(value, part, signs) + part.suffix


def _signs(named: dict[str, str]) -> Signs:
    zero = ord(named["zero-digit"][0])
    digits = "".join(chr(code) for code in range(zero, zero + 10))
    names = ("decimal-separator", "exponent-separator", "grouping-separator", "digit", "pattern-separator")
    return Signs(
        point=named["decimal-separator"],
        group=named["grouping-separator"],
        exponent=named["exponent-separator"],
        minus=named["minus-sign"],
        percent=named["percent"],
        per_mille=named["per-mille"],
        optional=named["digit"],
        digits=digits,
        active=frozenset([*digits, *(named[name] for name in names)]),
    )


def _apart(text: str, signs: Signs) -> Picture:
    actives = [i for i, one in enumerate(text) if one in signs.active and one != signs.exponent]
    first, last = (actives[0], actives[-1] + 1) if actives else (0, len(text))
    active = text[first:last]
    # An exponent sign that ends the picture is one without an exponent.
    ends_with_sign = text[last : last + 1] == signs.exponent
    mantissa, exponent_sign, exponent = (active + signs.exponent * ends_with_sign).partition(signs.exponent)
    integer, point, fraction = mantissa.partition(signs.point)
    return Picture(
        text=text,
        prefix=text[:first],
        suffix=text[last:],
        active=active,
        integer=integer,
        fraction=fraction if point else "",
        exponent=exponent if exponent_sign else None,
    )


def _check(part: Picture, signs: Signs) -> None:
    """The rules of F&O 4.7.3; of several that are broken the last is named."""
    broken = [code for code, is_broken in _rules(part, signs).items() if is_broken]
    if broken:
        raise JException(broken[-1], -1)


def _rules(part: Picture, signs: Signs) -> dict[str, bool]:
    text, point = part.text, part.text.find(signs.point)
    scaled = signs.percent in text or signs.per_mille in text
    by_point = signs.group in (text[point - 1 : point], text[point + 1 : point + 2])
    optional, last_optional = part.integer.find(signs.optional), part.fraction.rfind(signs.optional)
    exponent = part.exponent
    return {
        "D3081": text.count(signs.point) > 1,
        "D3082": text.count(signs.percent) > 1,
        "D3083": text.count(signs.per_mille) > 1,
        "D3084": signs.percent in text and signs.per_mille in text,
        "D3085": signs.places_in(part.mantissa) == 0,
        "D3086": any(character not in signs.active for character in part.active),
        "D3087": point != -1 and by_point,
        "D3088": point == -1 and part.integer.endswith(signs.group),
        "D3089": signs.group * 2 in text,
        "D3090": optional != -1 and signs.digits_in(part.integer[:optional]) > 0,
        "D3091": last_optional != -1 and signs.digits_in(part.fraction[last_optional:]) > 0,
        "D3092": bool(exponent) and scaled,
        "D3093": exponent is not None and (exponent == "" or signs.digits_in(exponent) < len(exponent)),
    }


def _formatted(value: float, part: Picture, signs: Signs) -> str:
    least, most, least_fraction = _sizes(part, signs)
    factor = 100 if signs.percent in part.text else 1000 if signs.per_mille in part.text else 1
    mantissa, exponent = _scaled(double(value) * factor, part, signs)
    whole_digits, fraction = _digits(mantissa, most)
    whole_digits = whole_digits.lstrip("0").rjust(least, "0")
    fraction = fraction.rstrip("0").ljust(least_fraction, "0")
    text = _grouped(whole_digits, part.integer, signs)
    if fraction and signs.point in part.text:
        text += signs.point + _grouped_fraction(fraction, part.fraction, signs)
    if part.exponent:
        digits = str(abs(exponent)).rjust(len(part.exponent), "0")
        text += signs.exponent + (signs.minus if exponent < 0 else "") + digits
    return text.translate({48 + number: digit for number, digit in enumerate(signs.digits)})


def _sizes(part: Picture, signs: Signs) -> tuple[int, int, int]:
    """Fewest digits before the point, most and fewest behind it (F&O 4.7.4)."""
    least, most = signs.digits_in(part.integer), signs.places_in(part.fraction)
    least_fraction = signs.digits_in(part.fraction)
    has_exponent = part.exponent is not None
    if least == 0 and most == 0:
        least, most, least_fraction = (0, 1, 1) if has_exponent else (1, 0, 0)
    if has_exponent and least == 0 and signs.optional in part.integer:
        least = 1
    return least, most, 1 if least == 0 and least_fraction == 0 else least_fraction


def _scaled(value: float, part: Picture, signs: Signs) -> tuple[float, int]:
    """The mantissa and the exponent that a picture with an exponent shows."""
    if not part.exponent or not value:
        return value, 0
    places, exponent = signs.digits_in(part.integer), 0
    while abs(value) < math.pow(10, places - 1):
        value, exponent = value * 10, exponent - 1
    while abs(value) > math.pow(10, places):
        value, exponent = value / 10, exponent + 1
    return value, exponent


def _digits(value: float, most: int) -> tuple[str, str]:
    """The digits before and behind the point, rounded half to even."""
    value = abs(rounded(value, most))
    if value >= 1e21:
        return number_text(value), ""
    if value >= EXACT:
        return str(int(value)), ""
    before, _, behind = f"{value:.{most}f}".partition(".")
    return before, behind


def _grouped(digits: str, picture: str, signs: Signs) -> str:
    """The integer part with its separators, at the picture's places or, if they are regular, on and on."""
    places = [signs.places_in(picture[i:]) for i, one in enumerate(picture) if one == signs.group]
    if not places:
        return digits
    step = reduce(math.gcd, places)
    if all(index * step in places for index in range(1, len(places) + 1)):
        places = list(range(step, len(digits), step))
    for place in sorted(places):
        if place < len(digits):
            index = len(digits) - place - sum(one < place for one in places)
            digits = digits[:index] + signs.group + digits[index:]
    return digits


def _grouped_fraction(digits: str, picture: str, signs: Signs) -> str:
    places = [signs.places_in(picture[:i]) for i, one in enumerate(picture) if one == signs.group]
    for shift, place in enumerate(places):
        if place + shift < len(digits):
            digits = digits[: place + shift] + signs.group + digits[place + shift :]
    return digits
