"""Which of a schedule's moments are due: dates, windows, and what was missed while the cloud was down.

AWS never is down; here, of the moments that passed meanwhile, the last one fires late, once, as long as it is
not older than the target's `MaximumEventAgeInSeconds`, and the others are dropped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile
from math import inf, nextafter
from typing import Any

from embedded.schedules.expressions import Expression

LATE_SECONDS = 90
"""AWS invokes within 60 seconds; later than this, a moment was missed."""
DEFAULT_EVENT_AGE = 86_400


@dataclass(frozen=True)
class Timing:
    """What of a schedule says when it fires; moments in seconds since 1970."""

    expression: Expression
    created: float
    start: float | None = None
    end: float | None = None
    window: float = 0
    """Seconds of the flexible time window."""
    spread: float = 0
    """Where in the window this schedule fires: from 0 up to 1."""
    event_age: float = DEFAULT_EVENT_AGE

    def moments(self, after: float) -> Iterator[float]:
        """Moments later than `after`, between the start and the end date, which `at` ignores."""
        if not self.expression.recurs:
            return self.expression.after(after, start=self.created)
        start = self.created if self.start is None else self.start
        end = inf if self.end is None else self.end
        # A start in the past sets the beat of a rate; nothing fires before the schedule exists.
        since = max(after, nextafter(max(self.created, start), -inf))
        return takewhile(lambda moment: moment <= end, self.expression.after(since, start=start))

    @property
    def delay(self) -> float:
        """Seconds between a moment and its invocation."""
        return self.window * self.spread


@dataclass(frozen=True)
class Plan:
    """What to do now about a schedule."""

    fire: Sequence[float]
    """Scheduled times to invoke the target for."""
    dropped: Sequence[float]
    """Scheduled times that were missed for good."""
    considered: float
    """Moments up to this one need not be looked at again."""
    next_at: float | None
    """When the next moment is due; None when nothing comes any more."""


def plan(timing: Timing, *, considered: float, now: float) -> Plan:
    """What is due at `now`, of the moments after `considered`."""
    due, next_at = _due(timing, considered, now)
    late = [moment for moment in due if moment + timing.delay < now - LATE_SECONDS]
    last_chance = [moment for moment in late[-1:] if moment + timing.event_age >= now]
    fire = last_chance + due[len(late) :]
    dropped = late[: len(late) - len(last_chance)]
    return Plan(fire, dropped, due[-1] if due else considered, next_at)


def _due(timing: Timing, considered: float, now: float) -> tuple[list[float], float | None]:
    due: list[float] = []
    for moment in timing.moments(considered):
        if moment + timing.delay > now:
            return due, moment + timing.delay
        due.append(moment)
    return due, None


def timing_of(schedule: Mapping[str, Any], expression: Expression) -> Timing:
    """The timing of a schedule as the API describes it, with moments as numbers."""
    window = schedule.get("FlexibleTimeWindow") or {}
    retry = (schedule.get("Target") or {}).get("RetryPolicy") or {}
    return Timing(
        expression=expression,
        created=schedule["LastModificationDate"],
        start=schedule.get("StartDate"),
        end=schedule.get("EndDate"),
        window=60 * int(window.get("MaximumWindowInMinutes", 0)) if window.get("Mode") == "FLEXIBLE" else 0,
        spread=int(sha256(schedule["Arn"].encode()).hexdigest()[:8], 16) / 2**32,
        event_age=int(retry.get("MaximumEventAgeInSeconds", DEFAULT_EVENT_AGE)),
    )
