"""JSONata's functions on texts that jsonata-python answers otherwise than the reference implementation.

`$lowercase` folds ß to ss, `$string` escapes what is not ASCII and writes large numbers with exponents,
`$replace` counts groups from the whole match, `$split` adds the groups, a bad URL ends in Python's error.
https://docs.jsonata.org/string-functions
"""

import base64
import json
import math
import re
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.utils import Utils

from embedded.stepfunctions.language.query.lists import applied
from embedded.stepfunctions.language.query.numbers import is_number, rounded_text
from embedded.stepfunctions.language.query.regex import matches

_REFERENCE = re.compile(r"\$(\$|[0-9]*)")


def string(value: Any, prettify: bool | None = None) -> str | None:
    """`$string`: JSON, with fractions of 15 digits and functions as empty texts."""
    if value is None or isinstance(value, str):
        return value
    if Utils.is_function(value) or Functions.is_lambda(value) or Functions.is_regex(value):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise JException("D3001", -1, value)
    return _json(value, "\n" if prettify else "")


def _json(value: Any, line: str) -> str:
    """A value as JSON; `line` is the line feed and the indentation, or nothing."""
    if isinstance(value, dict):
        colon = '": ' if line else '":'
        parts = [json.dumps(key, ensure_ascii=False)[:-1] + colon + _inner(value[key], line) for key in value]
        return _enclosed("{", parts, "}", line)
    if isinstance(value, list):
        return _enclosed("[", [_inner(item, line) for item in value], "]", line)
    if is_number(value):
        Utils.is_numeric(value)  # refuses what is infinite
        return "null" if math.isnan(value) else rounded_text(value)
    if value is Utils.NULL_VALUE or value is None:
        return "null"
    return json.dumps(value if isinstance(value, str | bool) else "", ensure_ascii=False)


def _inner(value: Any, line: str) -> str:
    return _json(value, line + "  " if line else "")


def _enclosed(opening: str, parts: list[str], closing: str, line: str) -> str:
    if not line or not parts:
        return opening + ",".join(parts) + closing
    return opening + line + "  " + f",{line}  ".join(parts) + line + closing


def lowercase(text: str | None) -> str | None:
    """`$lowercase`."""
    return None if text is None else text.lower()


def contains(text: str | None, token: Any) -> bool | None:
    """`$contains`."""
    if text is None:
        return None
    if token is None or isinstance(token, str):
        # JavaScript looks for the text "undefined".
        return ("undefined" if token is None else token) in text
    return next(matches(token, text), None) is not None


def match(text: str | None, pattern: Any, limit: float | None = None) -> Any:
    """`$match`: what was found, where, and its groups."""
    if text is None:
        return None
    if limit is not None and limit < 0:
        raise JException("D3040", -1)
    found = _first(matches(pattern, text), None if limit is None else math.ceil(limit))
    return Utils.create_sequence_from_iter(
        [{"match": one["match"], "index": one["start"], "groups": one["groups"]} for one in found]
    )


def split(text: str | None, separator: Any, limit: float | None = None) -> list[str] | None:
    """`$split`."""
    if text is None:
        return None
    if limit is not None and limit < 0:
        raise JException("D3020", -1)
    if isinstance(separator, str):
        parts = list(text) if separator == "" else text.split(separator)
        return parts[: None if limit is None else int(limit)]
    return _split_by(text, separator, math.inf if limit is None else math.ceil(limit))


def _split_by(text: str, pattern: Any, limit: float) -> list[str]:
    if pattern is None:
        return [text][: int(min(limit, 1))]
    parts: list[str] = []
    start = 0
    for found in matches(pattern, text):
        if len(parts) >= limit:
            return parts
        parts.append(text[start : found["start"]])
        start = found["end"]
    return [*parts, text[start:]] if len(parts) < limit else parts


def replace(text: str | None, pattern: Any, replacement: Any, limit: float | None = None) -> str | None:
    """`$replace`: every match, or the first ones, by a text with `$1` or by what a function says."""
    if text is None:
        return None
    if pattern == "":
        raise JException("D3010", -1)
    if limit is not None and limit < 0:
        raise JException("D3011", -1)
    count = -1 if limit is None else math.ceil(limit)
    if isinstance(pattern, str):
        return text.replace(pattern, _text_of(replacement), count)
    by = _by_template(replacement) if isinstance(replacement, str) else _by_function(replacement)
    return _replaced(text, pattern, by, count)


def _first(found: Iterator[dict[str, Any]], count: int | None) -> Iterator[dict[str, Any]]:
    """The first matches; as the reference does, the one after them is looked for, too, and may fail."""
    for index, one in enumerate(found):
        if index == count:
            return
        yield one


def _text_of(replacement: Any) -> str:
    return replacement if isinstance(replacement, str) else "undefined" if replacement is None else ""


def _replaced(text: str, pattern: Any, by: Callable[[dict[str, Any]], Any], count: int) -> str:
    done, position = "", 0
    for found in _first(matches(pattern, text), None if count < 0 else count):
        new = by(found)
        if not isinstance(new, str):
            raise JException("D3012", -1)
        done += text[position : found["start"]] + new
        position = found["start"] + len(found["match"])
    return done + text[position:]


def _by_function(replacement: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda found: applied(replacement, [found])


def _by_template(template: str) -> Callable[[dict[str, Any]], str]:
    return lambda found: _REFERENCE.sub(lambda place: _referred(place[1], found), template)


def _referred(name: str, found: dict[str, Any]) -> str:
    """What stands for `$` and what follows it: `12` is group 12 or, if there are fewer, group 1 and a 2."""
    groups = found["groups"]
    if name in {"$", ""}:
        return "$"
    if name.startswith("0"):
        return str(found["match"]) + name[1:]
    most = len(str(max(len(groups), 1)))
    digits = name[:most]
    if most > 1 and int(digits) > len(groups):
        digits = name[: most - 1]
    group = groups[int(digits) - 1] if int(digits) <= len(groups) else None
    return (group or "") + name[len(digits) :]


def base64encode(text: str | None) -> str | None:
    """`$base64encode` of a text's UTF-8 bytes, as Java does it."""
    return None if text is None else base64.b64encode(text.encode()).decode()


def base64decode(text: str | None) -> str | None:
    """`$base64decode`, also without padding; other characters are refused."""
    if text is None:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode(errors="replace")
    except ValueError:
        raise JException("The text is not base 64", -1) from None


def encoder(name: str, safe: str) -> Callable[[str | None], str | None]:
    """`$encodeUrl` or `$encodeUrlComponent`."""

    def encoded(text: str | None) -> str | None:
        try:
            return None if text is None else urllib.parse.quote(text, safe=safe)
        except UnicodeEncodeError:
            raise JException("D3140", -1, name, text) from None

    return encoded


def decoder(name: str, kept: str) -> Callable[[str | None], str | None]:
    """`$decodeUrl`, which leaves what `$encodeUrl` does not encode, or `$decodeUrlComponent`.

    As measured on AWS a plus in a component is a blank, and broken UTF-8 is replaced.
    """

    def decoded(text: str | None) -> str | None:
        if text is None:
            return None
        shielded = text
        for code in [f"{ord(character):02X}" for character in kept]:
            shielded = re.sub(f"%(?={code})", "%25", shielded, flags=re.IGNORECASE)
        try:
            return _percent_decoded(shielded if kept else shielded.replace("+", " "))
        except ValueError:
            raise JException("D3140", -1, name, text) from None

    return decoded


def _percent_decoded(text: str) -> str:
    for part in text.split("%")[1:]:
        bytes.fromhex(part[:2] if len(part) >= 2 else "bad")
    return urllib.parse.unquote(text, errors="replace")
