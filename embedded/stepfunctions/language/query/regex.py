"""Regular expressions as JavaScript reads them, for an engine in Python that can be cut off.

jsonata-python hands JavaScript's text to `re` as it is: there `\\d` takes every script's digits, `$` matches
before a last line feed, and groups are named otherwise; and nothing ends a match that backtracks for hours.
https://docs.jsonata.org/regex
"""

import re
import time
from collections.abc import Iterator
from typing import Any

import regex
from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.regex_engine import RegexFlags

from embedded.stepfunctions.language.query.limits import TOO_LONG
from embedded.stepfunctions.language.query.lists import applied
from embedded.stepfunctions.language.query.messages import LimitExceeded

_TRANSLATED = {"(?<": "(?P<", "$": r"\Z", "[^]": r"[\s\S]", "[]": r"(?!)", "{": r"\{"}
# Look-behinds are written the same in both. Braces that count nothing are text.
_PIECE = re.compile(r"\\.|\(\?<(?![=!])|\[\^?\]|\[|\]|\$|\{(?!\d+(?:,\d*)?\})", re.DOTALL)
_LEAST_SECONDS = 0.001


def compiled(pattern: str, flags: RegexFlags) -> regex.Pattern[str]:
    """A regular expression of JSONata, `/pattern/flags`, as Python's."""
    options = (regex.IGNORECASE if flags.case_insensitive else 0) | (
        regex.MULTILINE if flags.multiline else 0
    )
    options |= regex.ASCII if pattern.isascii() else 0
    translated = _translated(pattern, multiline=flags.multiline)
    try:
        re.compile(translated)  # refuses what only `regex` knows, such as its properties and its word ends
        return regex.compile(translated, options | regex.VERSION0)
    except re.error as problem:
        raise JException(f"Invalid regular expression: /{pattern}/: {problem}", 0) from None


def _translated(pattern: str, *, multiline: bool) -> str:
    in_class = False

    def one(match: re.Match[str]) -> str:
        nonlocal in_class
        piece = match.group()
        if piece in {"[", "]"}:
            nested = in_class and piece == "["
            in_class = piece == "["
            return r"\[" if nested else piece
        if in_class or piece.startswith("\\") or (piece == "$" and multiline):
            return piece
        return _TRANSLATED[piece]

    return _PIECE.sub(one, pattern)


def matches(pattern: Any, text: str) -> Iterator[dict[str, Any]]:
    """What a regular expression, or a function that stands for one, finds in a text; each with its groups."""
    found = first_match(pattern, text) if Functions.is_regex(pattern) else _asked(pattern, [text])
    while found is not None:
        yield found
        found = _asked(found["next"], [])


def _asked(matcher: Any, args: list[Any]) -> Any:
    found = applied(matcher, args)
    if found is None:
        return None
    if not isinstance(found, dict) or not {"start", "end", "groups", "next"} & set(found):
        raise JException("T1010", -1)
    return found


def first_match(pattern: regex.Pattern[str], text: str) -> dict[str, Any] | None:
    """The first match in a text; all of them together may take the time that the evaluation has left."""
    left = Jsonata.CURRENT.jsonata.end - time.monotonic()
    return _described(pattern.finditer(text, timeout=max(left, _LEAST_SECONDS)), None)


def _described(found: Iterator[regex.Match[str]], before: regex.Match[str] | None) -> dict[str, Any] | None:
    """The next match as JSONata's functions see it, with a function that gives the one after it.

    Only the first one may be empty: a later one would be found for ever.
    """
    if before and before.end() >= len(before.string):
        return None
    match = _next_match(found)
    if before and not (before[0] and (match is None or match[0])):
        raise JException("D1004", -1)
    if match is None:
        return None
    following = Jsonata.JLambda(lambda: _described(found, match))
    place = {"match": match[0], "start": match.start(), "end": match.end()}
    return {**place, "groups": list(match.groups()), "next": following}


def _next_match(found: Iterator[regex.Match[str]]) -> regex.Match[str] | None:
    try:
        return next(found, None)
    except TimeoutError:
        raise LimitExceeded(TOO_LONG) from None
