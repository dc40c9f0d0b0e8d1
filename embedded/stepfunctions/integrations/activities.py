"""Tasks of activities on their way to workers, which ask for them.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
"""

import threading
import time
from collections import deque

from embedded.stepfunctions.tasks import Reporter, Started, TaskCall

POLL_SECONDS = 60.0
"""How long GetActivityTask waits for a task."""


class ActivityBoard:
    """Offers each task once, the oldest first."""

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        """`poll_seconds`: how long a worker waits for a task."""
        self._poll_seconds = poll_seconds
        self._changed = threading.Condition()
        self._offers: dict[str, deque[tuple[TaskCall, Reporter]]] = {}
        self._closed = False

    def offer(self, call: TaskCall, report: Reporter) -> None:
        """Let a worker take a task; it is reported as started then."""
        with self._changed:
            self._offers.setdefault(call.resource.arn, deque()).append((call, report))
            self._changed.notify_all()

    def withdraw(self, call: TaskCall) -> None:
        """Nobody waits for a task any more."""
        with self._changed:
            offers = self._offers.get(call.resource.arn, deque())
            same = (call.execution_arn, call.number)
            kept = [offer for offer in offers if (offer[0].execution_arn, offer[0].number) != same]
            self._offers[call.resource.arn] = deque(kept)

    def take(self, arn: str, worker: str | None) -> TaskCall | None:
        """The next task of an activity; None when none came in time."""
        deadline = time.monotonic() + self._poll_seconds
        with self._changed:
            while not self._offers.get(arn) and not self._closed:
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            if self._closed:
                return None
            call, report = self._offers[arn].popleft()
        report(Started(worker))
        return call

    def close(self) -> None:
        """Send all workers away."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
