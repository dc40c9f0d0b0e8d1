"""Lines of a process on their way into CloudWatch Logs: gathered for a moment, then put in one call."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)

# Limits of PutLogEvents: 10,000 events and 1 MiB a call, each event counted with 26 bytes beside its text.
MAX_EVENTS = 10_000
MAX_BYTES = 1_048_576
EVENT_OVERHEAD = 26
MAX_LINE = 262_144 - EVENT_OVERHEAD
GATHER_SECONDS = 0.2

Now = Callable[[], int]


def now_ms() -> int:
    """Milliseconds since 1970, as AWS's logs and jobs count time."""
    return int(time.time() * 1000)


class LogStream:
    """One stream of a log group, written under whoever's client is given."""

    def __init__(self, client: Any, group: str, name: str) -> None:
        self._client = client
        self.group = group
        self.name = name
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name=f"logs {name}", daemon=True)

    def open(self) -> "LogStream":
        """Create the stream; the client's error tells when this is not allowed or there is no such group."""
        try:
            self._client.create_log_stream(logGroupName=self.group, logStreamName=self.name)
        except self._client.exceptions.ResourceAlreadyExistsException:
            logger.debug("stream %s exists already", self.name)
        self._writer.start()
        return self

    def write(self, line: str) -> None:
        """Hand over one line; returns at once."""
        for start in range(0, max(len(line), 1), MAX_LINE // 4):
            text = line[start : start + MAX_LINE // 4]
            self._lines.put({"timestamp": now_ms(), "message": text or " "})

    def close(self) -> None:
        """Return when all lines are written."""
        self._lines.put(None)
        self._writer.join()

    def _write_all(self) -> None:
        ended = False
        while not ended:
            events, ended = self._gather()
            if events:
                self._put(events)

    def _gather(self) -> tuple[list[dict[str, Any]], bool]:
        first = self._lines.get()
        if first is None:
            return [], True
        events, size, deadline = [first], _size(first), time.monotonic() + GATHER_SECONDS
        while len(events) < MAX_EVENTS and size < MAX_BYTES - MAX_LINE:
            try:
                event = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return events, False
            if event is None:
                return events, True
            events.append(event)
            size += _size(event)
        return events, False

    def _put(self, events: list[dict[str, Any]]) -> None:
        try:
            self._client.put_log_events(logGroupName=self.group, logStreamName=self.name, logEvents=events)
        except Exception:
            # As the awslogs driver does: a job does not fail for lines that nobody would take.
            logger.exception("%d lines of %s:%s were not taken", len(events), self.group, self.name)


def _size(event: dict[str, Any]) -> int:
    return len(event["message"].encode()) + EVENT_OVERHEAD
