"""Wait: for `Seconds`, or until `Timestamp`."""

import re
from datetime import datetime

from embedded.stepfunctions.leaving import Leave, StateType
from embedded.stepfunctions.model import WAITING
from embedded.stepfunctions.turn import Turn

_MOST_SECONDS = 99_999_999
# RFC 3339 with an offset; fractions of any length, of which datetime reads six digits.
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


def begin(turn: Turn) -> None:
    """Set the timer; a time that has gone by already fires at once."""
    turn.strand.phase = WAITING
    turn.set_timer("wait", _seconds(turn) if "Seconds" in turn.state else _until(turn) - turn.now)


def resume(turn: Turn, news: object) -> Leave:  # noqa: ARG001 - the timer is all that can come
    """The time has come."""
    return Leave(turn.strand.input, fields=turn.state)


def _seconds(turn: Turn) -> int:
    return turn.scope().whole(turn.state["Seconds"], "Seconds", least=0, most=_MOST_SECONDS)


def _until(turn: Turn) -> float:
    scope = turn.scope()
    found = scope.typed(turn.state["Timestamp"], "Timestamp", "string")
    try:
        return parse_timestamp(found)
    except ValueError:
        raise scope.refusal(
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
            f"{found}",
            "Timestamp",
        ) from None


def parse_timestamp(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 timestamp with `T` and an offset; else ValueError."""
    match = _TIMESTAMP.fullmatch(text)
    if not match:
        raise ValueError(text)
    moment, fraction, offset = match.groups()
    return datetime.fromisoformat(f"{moment}{offset}").timestamp() + float(fraction or 0)


TYPE = StateType(begin, resume)
