"""Which answers of GitHub mean "try again later", and when.

Source: "Rate limits for the REST API", "Exceeding the rate limit": a limit is told by 403 or 429 with
`retry-after` (seconds), or `x-ratelimit-remaining: 0` and `x-ratelimit-reset` (epoch seconds); else wait at
least a minute.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable, SluicewayError

LEAST_WAIT = 60.0
"""seconds, where GitHub does not say how long"""
LONGEST_WAIT = 3600.0
"""seconds: the window of the primary limit"""
LIMIT_WORDS = ("rate limit", "abuse detection")
"""The second: what Enterprise Servers call a secondary limit."""
TOLD_AT_MOST = 300
"""characters of GitHub's own words in an error"""


class RateLimited(ServiceUnavailable):
    """GitHub asks to wait until `until` (epoch seconds)."""

    def __init__(self, message: str, until: float) -> None:
        super().__init__(message)
        self.until = until


class GitHubRefused(PermanentError):
    """GitHub refused a request; its words say why. `status` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def refusal(
    status: int, *, headers: Mapping[str, str], data: bytes, request: str, now: float
) -> SluicewayError:
    """The error that an answer of 400 or more becomes; `request` tells its method and path."""
    told = _told(data)
    text = f"GitHub answered {request} with {status}: {told}"
    if _limited(status, headers, told):
        until = _until(headers, now)
        return RateLimited(f"{text} (rate limit; again in {until - now:.0f} s)", until)
    if status >= 500 or status == 408:
        return ServiceUnavailable(text)
    return _REFUSED.get(status, _other)(text, status)


def _limited(status: int, headers: Mapping[str, str], told: str) -> bool:
    if status not in (403, 429):
        return False
    exhausted = headers.get("x-ratelimit-remaining") == "0"
    said = any(words in told.lower() for words in LIMIT_WORDS)
    return status == 429 or exhausted or "retry-after" in headers or said


def _until(headers: Mapping[str, str], now: float) -> float:
    """Never in the past, never longer than a window, whatever the headers say."""
    wait = _number(headers.get("retry-after"))
    if wait is None and headers.get("x-ratelimit-remaining") == "0":
        reset = _number(headers.get("x-ratelimit-reset"))
        wait = None if reset is None else reset - now
    return now + min(max(LEAST_WAIT if wait is None else wait, 1.0), LONGEST_WAIT)


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) <= 12 else None


def _missing(text: str, _status: int) -> SluicewayError:
    return NotFound(f"{text}. There is no such thing, or the token may not see it")


def _denied(text: str, status: int) -> SluicewayError:
    return GitHubRefused(
        f"{text}. Check what `sluice github connect` was given: token, App, permissions", status
    )


def _other(text: str, status: int) -> SluicewayError:
    return GitHubRefused(text, status)


_REFUSED = {401: _denied, 403: _denied, 404: _missing, 410: _missing}


def _told(data: bytes) -> str:
    """GitHub's `message` and `errors`, in one bounded line."""
    try:
        answer: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        return "(no explanation)"
    errors = answer.get("errors")
    told = f"{answer.get('message', '')}{f' {errors}' if errors else ''}"
    return " ".join(told.split())[:TOLD_AT_MOST]
