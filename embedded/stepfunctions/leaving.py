"""How a state says that it is done, and the protocol of a type of state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded.stepfunctions.turn import Turn


@dataclass(frozen=True)
class Leave:
    """The state is done: with what, and by which of its transitions."""

    default: Any
    """The output where the transition has no `Output`."""
    fields: Mapping[str, Any]
    """Where `Output`, `Assign` and `Next` stand: the state, a rule of a Choice, or a catcher."""
    place: str = ""
    """Where `fields` stands in the state, e.g. `Choices[1]`."""
    states: Mapping[str, Any] = field(default_factory=dict)
    """What `$states` has beside `input` and `context`."""
    follows: int | None = None
    """The event that the exit follows, where that is not the strand's last one."""


@dataclass(frozen=True)
class StateType:
    """A type of state. Both functions may raise StateFailure; None means that the strand waits."""

    begin: Callable[[Turn], Leave | None]
    """Try the state; called again by a retry."""
    resume: Callable[[Turn, object], Leave | None]
    """Take a report, a timer or the end of a child."""


def done(turn: Turn, result: Any, *, follows: int | None = None) -> Leave:
    """Leave a state that has a result, by its own transition."""
    return Leave(result, fields=turn.state, states={"result": result}, follows=follows)


def never(turn: Turn, news: object) -> Leave | None:
    """For states that wait for nothing."""
    raise AssertionError(f"{turn.strand.state} waits for nothing and was told {news}")
