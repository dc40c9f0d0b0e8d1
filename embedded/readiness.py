"""Work that has to wait until the cloud answers, such as taking up again what an earlier server left."""

import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

_POLL_SECONDS = 0.05


def when_listening(endpoint_url: str, run: Callable[[], None]) -> None:
    """Call `run`, in a thread of its own, when the endpoint takes connections."""

    def wait_and_run() -> None:
        while not _is_listening(endpoint_url):
            time.sleep(_POLL_SECONDS)
        run()

    threading.Thread(target=wait_and_run, name="readiness", daemon=True).start()


def _is_listening(endpoint_url: str) -> bool:
    parts = urlsplit(endpoint_url)
    try:
        socket.create_connection((parts.hostname or "localhost", parts.port or 443), timeout=1).close()
    except OSError:
        return False
    return True
