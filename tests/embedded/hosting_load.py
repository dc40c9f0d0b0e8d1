"""Clients that keep invoking an endpoint while something is done to it."""

import threading
from collections import Counter

from tests.embedded.hosting import Hosting


class Load:
    """Four clients that keep invoking an endpoint; what was answered, failures by their text."""

    def __init__(self, stage: Hosting, name: str) -> None:
        self._stage, self._name = stage, name
        self._seen: Counter[str] = Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(4)]

    def __enter__(self) -> Counter[str]:
        for thread in self._threads:
            thread.start()
        return self._seen

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._seen[self._stage.answer(self._name, b"slow")] += 1
            except Exception as error:
                self._seen[str(error)] += 1
