"""Writes the record: a line for each call once it has been answered, brought to disk a moment later."""

import logging
import os
import threading
import time
from pathlib import Path
from typing import IO

from embedded.hook import record
from embedded.hook.record import Record

logger = logging.getLogger(__name__)

_ROTATE_BYTES = 128 * 2**20
_FLUSH_SECONDS = 0.2
_LONGEST_LINE = 4 * 2**20


class Recorder:
    """Appends records to the file.

    Lines are made where the call was answered, not by a thread of their own: that would hold the
    interpreter's lock as long, and have to be woken for each besides.
    """

    def __init__(self, state_dir: Path, *, rotate_bytes: int = _ROTATE_BYTES) -> None:
        self._path = state_dir / record.FILE
        self._rotate_bytes = rotate_bytes
        self._lock = threading.Lock()
        self._file: IO[bytes] = self._open()
        threading.Thread(target=self._keep_flushing, daemon=True, name="record").start()

    def write(self, found: Record) -> None:
        """Append a record; what cannot be written, on a full disk, must not break the call."""
        try:
            line = record.dump(found)
            with self._lock:
                self._file.write(line)
                if self._file.tell() > self._rotate_bytes:
                    self._rotate()
        except (OSError, TypeError):
            logger.exception("a call could not be recorded")

    def flush(self) -> None:
        """Bring all that was written into the file."""
        try:
            with self._lock:
                self._file.flush()
        except OSError:
            logger.exception("the record of calls could not be written")

    def _keep_flushing(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            self.flush()

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
