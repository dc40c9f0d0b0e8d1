"""Writes the record: calls are put into a queue, and a thread of its own describes and writes them."""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from embedded.hook import record
from embedded.hook.record import Record

logger = logging.getLogger(__name__)

_ROTATE_BYTES = 128 * 2**20
_FLUSH_SECONDS = 0.2
_LONGEST_LINE = 4 * 2**20

Describe = Callable[[], Record | None]


class Recorder:
    """Appends records to the file; what they say is worked out off the path of the call."""

    def __init__(self, state_dir: Path, *, rotate_bytes: int = _ROTATE_BYTES) -> None:
        self._path = state_dir / record.FILE
        self._rotate_bytes = rotate_bytes
        self._queue: queue.SimpleQueue[Describe | threading.Event] = queue.SimpleQueue()
        self._file: IO[bytes] = self._open()
        self._flushed = 0.0
        threading.Thread(target=self._keep_writing, daemon=True, name="record").start()

    def put(self, describe: Describe) -> None:
        """Have a record written; `describe` is called by the thread that writes."""
        self._queue.put(describe)

    def flush(self) -> None:
        """Wait until all that was put is in the file."""
        written = threading.Event()
        self._queue.put(written)
        written.wait()

    def _keep_writing(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=_FLUSH_SECONDS)
            except queue.Empty:
                self._bring_to_disk()
                item = self._queue.get()
            if isinstance(item, threading.Event):
                self._bring_to_disk()
                item.set()
            else:
                self._write(item)

    def _bring_to_disk(self) -> None:
        self._flushed = time.monotonic()
        try:
            self._file.flush()
        except OSError:
            logger.exception("the record of calls could not be written")

    def _write(self, describe: Describe) -> None:
        try:
            found = describe()
            if found is not None:
                self._file.write(record.dump(found))
            if time.monotonic() - self._flushed > _FLUSH_SECONDS:
                self._bring_to_disk()
            if self._file.tell() > self._rotate_bytes:
                self._rotate()
        except Exception:
            # A call that cannot be described, or a full disk, must not end the record.
            logger.exception("a call could not be recorded")

    def _open(self) -> IO[bytes]:
        file = self._path.open("ab+")
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - _LONGEST_LINE)
        file.seek(start)
        # A server that was killed may have left half a line.
        file.truncate(start + file.read().rfind(b"\n") + 1)
        return file

    def _rotate(self) -> None:
        self._file.close()
        names = [self._path, *(Path(f"{self._path}.{number}") for number in range(1, record.ROTATED + 1))]
        for older, newer in reversed(list(zip(names[1:], names[:-1], strict=True))):
            if newer.exists():
                newer.replace(older)
        self._file = self._path.open("ab")
