"""JSONata's functions on times, by a clock of one's own.

jsonata-python reads times that the reference implementation refuses, ends in Python's errors on others, and
takes `$now` from the machine's clock. https://docs.jsonata.org/date-time-functions
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from jsonata.datetimeutils import DateTimeUtils
from jsonata.jexception import JException

from embedded.stepfunctions.language.query.limits import TOO_LARGE
from embedded.stepfunctions.language.query.messages import LimitExceeded, code_of

_FORM = re.compile(
    r"\d{4}(-[01]\d)*(-[0-3]\d)*(T[0-2]\d:[0-5]\d:[0-5]\d)*(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?", re.ASCII
)
_PARTS = re.compile(
    r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(?:Z|([+-]\d\d):?(\d\d))?",
    re.ASCII,
)
_OFFSET = re.compile(r"[+-]\d{4}", re.ASCII)
_WIDE = re.compile(r"\[[^\]]*,[^\]]*\d{6}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_millis(text: str | None, picture: str | None = None) -> Any:
    """`$toMillis`: milliseconds since 1970, of an ISO 8601 text or by a picture."""
    if text is None:
        return None
    if picture is not None:
        return by_picture(lambda: DateTimeUtils.parse_datetime(text, picture), picture)
    if not _FORM.fullmatch(text):
        raise JException("D3110", -1, text)
    parts = _PARTS.fullmatch(text)
    return _millis(parts) if parts else math.nan


def _millis(parts: re.Match[str]) -> float:
    """Milliseconds of a time; a text of the right form that is no time (month 13) is no number."""
    year, month, day, hour, minute, second = (
        int(part or first) for part, first in zip(parts.groups(), (0, 1, 1, 0, 0, 0), strict=False)
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return math.nan
    fraction = int((parts[7] or "0").ljust(3, "0")[:3])
    return (moment - _offset(parts) - _EPOCH) // timedelta(milliseconds=1) + fraction


def _offset(parts: re.Match[str]) -> timedelta:
    if parts[8] is None:
        return timedelta()
    offset = timedelta(hours=int(parts[8][1:]), minutes=int(parts[9]))
    return -offset if parts[8].startswith("-") else offset


def from_millis(millis: float | None, picture: str | None = None, timezone: str | None = None) -> str | None:
    """`$fromMillis`; as measured on AWS a time zone of another form than `+hhmm` passes for UTC."""
    if millis is None:
        return None
    offset = timezone if timezone and _OFFSET.fullmatch(timezone) else None
    return str(by_picture(lambda: DateTimeUtils.format_datetime(int(millis), picture, offset), picture))


def now(millis: int) -> Callable[..., str | None]:
    """`$now` at a moment, the same throughout an evaluation."""
    return lambda picture=None, timezone=None: from_millis(millis, picture, timezone)


def by_picture(convert: Callable[[], Any], picture: str | None) -> Any:
    """What jsonata makes of a picture, its failures under their codes."""
    if picture is not None and _WIDE.search(picture):
        raise LimitExceeded(TOO_LARGE)
    try:
        return convert()
    except JException:
        raise
    except KeyError as problem:
        raise JException("D3132", -1, problem.args[0]) from None
    except RuntimeError as problem:
        raise JException(code_of(str(problem)) or str(problem), -1, picture) from None
    except (ValueError, IndexError, TypeError, AttributeError) as problem:
        raise JException(str(problem), -1) from None
