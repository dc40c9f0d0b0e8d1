"""What an input takes: processor time and memory, held against bounds with a wide margin."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

MIB = 1024 * 1024


@contextmanager
def bounded(*, seconds: float, mebibytes: float) -> Iterator[None]:
    """Processor time of this thread, which other work does not lengthen; memory as Python counts it."""
    tracemalloc.start()
    begun = time.thread_time()
    try:
        yield
    finally:
        taken, (_, peak) = time.thread_time() - begun, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert taken <= seconds, f"took {taken:.2f} s of processor time, at most {seconds} s are allowed"
    assert peak <= mebibytes * MIB, f"took {peak / MIB:.1f} MiB, at most {mebibytes} MiB are allowed"
