"""Lines on their way into log streams: each stream is opened once, and those of passed hours are closed."""

import logging
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from embedded.log_stream import LogStream

logger = logging.getLogger(__name__)

_MOST_STREAMS = 64


class LogStreams:
    """Writes to streams by group and name."""

    def __init__(self, client: Callable[[], Any]) -> None:
        """`client` makes a client of CloudWatch Logs."""
        self._client = client
        self._streams: dict[tuple[str, str], LogStream | None] = {}

    def write(self, group: str, name: str, line: str) -> None:
        """Hand over a line. An execution goes on where its log group is gone: the lines are dropped."""
        if (group, name) not in self._streams:
            self._open(group, name)
        stream = self._streams[group, name]
        if stream is not None:
            stream.write(line)

    def close(self) -> None:
        """Return when all lines are written."""
        while self._streams:
            self._close_oldest()

    def _open(self, group: str, name: str) -> None:
        if len(self._streams) >= _MOST_STREAMS:
            self._close_oldest()
        try:
            self._streams[group, name] = LogStream(self._client(), group, name).open()
        except ClientError as error:
            logger.warning("nothing is logged to %s in %s: %s", name, group, error)
            self._streams[group, name] = None

    def _close_oldest(self) -> None:
        stream = self._streams.pop(next(iter(self._streams)))
        if stream is not None:
            stream.close()
