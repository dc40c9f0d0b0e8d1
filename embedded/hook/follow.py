"""The record as it grows."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from embedded.hook import record
from embedded.hook.record import Record, Selection

_SECONDS = 0.2


def follow(
    state_dir: Path, selection: Selection, *, wait: Callable[[], None] = lambda: time.sleep(_SECONDS)
) -> Iterator[Record]:
    """Records that are written from now on, without an end; across the change to a new file, too."""
    path = state_dir / record.FILE
    path.touch()
    file = path.open("rb")
    file.seek(0, os.SEEK_END)
    while True:
        line = file.readline()
        if line.endswith(b"\n"):
            yield from filter(selection.takes, [record.load(line)])
            continue
        file.seek(-len(line), os.SEEK_CUR)
        if not line and path.exists() and not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            file.close()
            file = path.open("rb")
        else:
            wait()
