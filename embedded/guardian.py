"""Ends every process of the embedded cloud once its server is gone, however it went.

The server holds the writing end of this process's standard input and never writes: the end of the file is
the end of the server. `PR_SET_PDEATHSIG` would be bound to the thread that started a child, would spare
grandchildren, and exists on Linux only.
"""

import os
import signal
import sys
from pathlib import Path

from embedded.processes import Processes


def main(folder: Path) -> None:
    """Wait for the end of standard input, then end every process on record."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 1):
        pass
    Processes(folder).end_all()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
