"""The clocks of an engine: the machine's, and one that tests drive."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, and waits."""

    def now(self) -> float:
        """Seconds since 1970."""

    def wait(self, changed: threading.Condition, until: float | None, *, others_work: bool) -> None:
        """Return at `until` (None: never), or when `changed`, which the caller holds, is notified.

        `others_work` says that a call is under way, whose answer comes without this clock.
        """


class RealClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def wait(self, changed: threading.Condition, until: float | None, *, others_work: bool) -> None:  # noqa: ARG002
        """Wait for a notification, at most until that time."""
        changed.wait(None if until is None else max(0.0, until - time.time()))


class VirtualClock:
    """A clock that stands still, and jumps where somebody would wait."""

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        """`start` in seconds since 1970; 2026-01-01T00:00:00Z where nothing else is said."""
        self._now = start

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def wait(self, changed: threading.Condition, until: float | None, *, others_work: bool) -> None:
        """Jump to `until`; but while others are at work time stands still, and their answer comes first."""
        if until is None or others_work:
            changed.wait()
        else:
            self._now = max(self._now, until)
