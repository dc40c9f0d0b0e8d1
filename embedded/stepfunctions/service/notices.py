"""What others hear of executions: events on EventBridge, metrics in CloudWatch, entries in CloudWatch Logs.

An event of a change of status is told until it was: the store remembers which were not, over a kill too.
Metrics and logs are told once.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.stepfunctions.engine import Engine
from embedded.stepfunctions.model import Changes
from embedded.stepfunctions.service.log_entries import Entry, LogEntries
from embedded.stepfunctions.service.metrics import Metric, Metrics
from embedded.stepfunctions.service.status_events import event_of
from embedded.stepfunctions.sqlite_store import SqliteStore

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Outlets:
    """Where notices go."""

    put_event: Callable[[Mapping[str, Any]], None]
    """Puts an entry on the default bus; a kill may lose it until `wait_until_saved` returns."""
    put_metric: Callable[[Metric], None]
    write_log: Callable[[str, str, str], None]
    """Writes (group, stream, line)."""
    wait_until_saved: Callable[[], None]


class Notices:
    """Tells, in a thread of its own, what an engine did."""

    def __init__(self, store: SqliteStore, outlets: Outlets) -> None:
        self._store = store
        self._outlets = outlets
        self._metrics = Metrics()
        self._logs = LogEntries(store)
        self._news: queue.SimpleQueue[Metric | Entry | None] = queue.SimpleQueue()

    def connect(self, engine: Engine) -> None:
        """Hear of all that an engine does."""
        engine.listen(self._hear)

    def begin(self) -> None:
        """Tell what nobody was told, and from now on all that happens."""
        threading.Thread(target=self._keep_telling, daemon=True, name="notices").start()

    def _hear(self, changes: Changes) -> None:
        # The engine goes on changing its records, so what is told is taken from them here.
        for metric in self._metrics.of(changes):
            self._news.put(metric)
        for entry in self._logs.of(changes):
            self._news.put(entry)
        if any(event["type"].startswith("Execution") for event in changes.events):
            self._news.put(None)

    def _keep_telling(self) -> None:
        self._announce()
        while True:
            news = self._news.get()
            if news is None:
                self._announce()
            elif isinstance(news, Metric):
                self._safely(self._outlets.put_metric, news)
            else:
                self._safely(self._outlets.write_log, *news)

    def _announce(self) -> None:
        while found := self._store.announcements():
            for announcement in found:
                execution = self._store.execution(announcement.arn)
                if execution:
                    self._safely(self._outlets.put_event, event_of(execution, announcement.status))
            if not self._safely(self._outlets.wait_until_saved):
                time.sleep(_AGAIN_SECONDS)
                self._news.put(None)
                return
            for announcement in found:
                self._store.announced(announcement.number)

    def _safely(self, tell: Callable[..., None], *arguments: Any) -> bool:
        try:
            tell(*arguments)
        except Exception:
            logger.exception("%s was not told", arguments)
            return False
        return True
