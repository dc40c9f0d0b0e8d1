"""Fail: ends its machine with an error and a cause of its own."""

from typing import Any

from embedded.stepfunctions.failures import StateFailure
from embedded.stepfunctions.leaving import Leave, StateType, never
from embedded.stepfunctions.turn import Turn


def begin(turn: Turn) -> Leave:
    """Always raises."""
    raise StateFailure(_text(turn, "Error"), _text(turn, "Cause"))


def _text(turn: Turn, field: str) -> Any:
    if field not in turn.state:
        return None
    return turn.scope().typed(turn.state[field], field, "string")


TYPE = StateType(begin, never)
