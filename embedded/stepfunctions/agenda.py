"""What an engine has to do next: signals that wait for their turn, and timers."""

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable

from embedded.stepfunctions.clock import Clock
from embedded.stepfunctions.turn import Signal

Act = Callable[[], None]


class Agenda:
    """Signals in the order in which they came, and timers by their time. `changed` guards both."""

    def __init__(self, clock: Clock, changed: threading.Condition) -> None:
        self._clock = clock
        self._changed = changed
        self._ready: deque[Signal] = deque()
        self._timers: list[tuple[float, int, Signal | Act]] = []
        self._numbers = itertools.count()

    def push(self, signal: Signal) -> None:
        """Give a signal its turn after all that wait."""
        self._ready.append(signal)
        self._changed.notify_all()

    def push_at(self, at: float, due: Signal | Act) -> None:
        """Push a signal, or call something, at a time (seconds since 1970)."""
        heapq.heappush(self._timers, (at, next(self._numbers), due))
        self._changed.notify_all()

    def pop(self) -> Signal | None:
        """The next signal whose turn it is; None where there is none yet."""
        self._fire()
        return self._ready.popleft() if self._ready else None

    def holds(self, signal: Signal) -> bool:
        """Whether a signal still waits for its turn."""
        return any(waiting is signal for waiting in self._ready)

    @property
    def is_due(self) -> bool:
        """Whether a signal or a timer has its turn now."""
        return bool(self._ready) or (bool(self._timers) and self._timers[0][0] <= self._clock.now())

    @property
    def has_timers(self) -> bool:
        """Whether anything is to happen at a later time."""
        return bool(self._timers)

    def wait(self, *, others_work: bool) -> None:
        """Wait for the next timer or signal, by the clock."""
        until = self._timers[0][0] if self._timers else None
        self._clock.wait(self._changed, until, others_work=others_work)

    def _fire(self) -> None:
        now = self._clock.now()
        while self._timers and self._timers[0][0] <= now:
            due = heapq.heappop(self._timers)[2]
            if isinstance(due, Signal):
                self._ready.append(due)
            else:
                due()
