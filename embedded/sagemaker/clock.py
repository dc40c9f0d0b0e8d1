"""The time that deployments wait by: real in the running cloud, driven by hand in tests."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What tells the time and lets it pass."""

    def now(self) -> float:
        """Seconds since 1970."""

    def sleep(self, seconds: float, given_up: threading.Event) -> None:
        """Return after `seconds`, or as soon as `given_up` is set."""


class RealClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float, given_up: threading.Event) -> None:
        """Return after `seconds`, or as soon as `given_up` is set."""
        given_up.wait(max(seconds, 0))
