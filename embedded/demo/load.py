"""Keeps asking the endpoint while it is updated, and counts: each failure, with no retry to hide it."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

THREADS = 2
PAUSE_SECONDS = 0.1
"""Between two requests of a thread: training needs the machine too."""


@dataclass
class Count:
    """What was asked and what came back."""

    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def failed(self) -> int:
        """Requests that were not answered with a prediction."""
        return self.failures.total()

    @property
    def slowest(self) -> float:
        """Longest answer in seconds; 0 where nothing was asked."""
        return max(self.seconds, default=0.0)

    def add(self, seconds: float, failure: str | None) -> None:
        """Count one request."""
        with self._lock:
            self.requests += 1
            self.seconds.append(seconds)
            if failure:
                self.failures[failure] += 1


@contextmanager
def keep_asking(client: Any, endpoint: str, body: bytes) -> Iterator[Count]:
    """Ask from several threads until the block is left; each started request is waited for and counted."""
    count, stop = Count(), Event()
    threads = [Thread(target=_ask, args=(client, endpoint, body, count, stop)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield count
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _ask(client: Any, endpoint: str, body: bytes, count: Count, stop: Event) -> None:
    while not stop.wait(PAUSE_SECONDS):
        started = time.monotonic()
        failure = None
        try:
            answer = client.invoke_endpoint(
                EndpointName=endpoint, Body=body, ContentType="application/json", Accept="application/json"
            )
            answer["Body"].read()
        except Exception as error:  # Whatever it is, a user would not have got a prediction.
            failure = f"{type(error).__name__}: {error}"
        count.add(time.monotonic() - started, failure)
