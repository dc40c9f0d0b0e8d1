"""A function that takes more memory than its MemorySize is killed, as on AWS; MiniStack lets it go on.

What counts is what is resident of the worker's own process, looked at twenty times a second: a function that
takes and gives back faster than that gets away with it, and so do processes that it starts. Where the system
has no `/proc`, nothing is killed.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

import contextlib
import logging
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 2**20


def install() -> None:
    """Watch the workers that are in use."""
    from ministack.core import lambda_runtime

    def watch() -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            for pool in list(lambda_runtime._workers.values()):
                for worker in list(pool):
                    check(worker)

    threading.Thread(target=watch, daemon=True, name="memory of functions").start()


def check(worker: Any) -> None:
    """Kill a worker that is in use and holds more than it may."""
    process = worker._proc
    if process is None or not worker.in_use:
        return
    limit = int(worker.config.get("MemorySize", 128)) * _MEGABYTE
    if resident_bytes(process.pid) > limit:
        logger.warning("%s took more than %s MB", worker.config.get("FunctionName"), limit // _MEGABYTE)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def resident_bytes(pid: int) -> int:
    """What a process holds in memory; 0 where that cannot be told."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * _PAGE_BYTES
