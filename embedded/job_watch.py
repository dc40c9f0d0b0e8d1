"""Who waits for the end of a record of a book: one thread for all of them."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from embedded.record_book import Record, RecordBook

R = TypeVar("R", bound=Record)
Tell = Callable[[], None]


class JobWatch(Generic[R]):
    """Tells when records have ended."""

    def __init__(self, book: RecordBook[R], has_ended: Callable[[R], bool]) -> None:
        self._book = book
        self._has_ended = has_ended
        self._waiting: dict[str, list[Tell]] = {}
        self._thread: threading.Thread | None = None

    def when_ended(self, key: str, tell: Tell) -> None:
        """Call `tell` once a record has ended; at once if it has, or is not there."""
        with self._book.changed:
            if not self._is_over(key):
                self._waiting.setdefault(key, []).append(tell)
                self._watch()
                self._book.changed.notify_all()
                return
        tell()

    def _is_over(self, key: str) -> bool:
        record = self._book.find(key)
        return record is None or self._has_ended(record)

    def _watch(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_telling, daemon=True, name="job watch")
            self._thread.start()

    def _keep_telling(self) -> None:
        while True:
            with self._book.changed:
                over = [key for key in self._waiting if self._is_over(key)]
                while not over:
                    self._book.changed.wait()
                    over = [key for key in self._waiting if self._is_over(key)]
                tellers = [tell for key in over for tell in self._waiting.pop(key)]
            for tell in tellers:
                tell()
