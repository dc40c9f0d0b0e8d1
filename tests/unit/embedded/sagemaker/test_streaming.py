"""Parts of an answer become events that botocore can read."""

from collections.abc import Iterator
from typing import Any

import urllib3
from botocore.eventstream import EventStreamBuffer

from embedded.sagemaker.streaming import Stream


def read(*chunks: bytes) -> list[tuple[dict[str, Any], bytes]]:
    """The messages, as botocore's own reader sees them; it checks both checksums."""
    buffer = EventStreamBuffer()
    for chunk in chunks:
        buffer.add_data(chunk)
    return [(each.headers, each.payload) for each in buffer]


def test_each_part_is_an_event_and_the_end_is_told_to_whoever_waits() -> None:
    """In order; the container is given back when all is read."""
    ended: list[bool] = []
    stream = Stream(iter([b"one", b"two"]), lambda: ended.append(True))
    messages = read(*stream.events())
    assert [payload for _, payload in messages] == [b"one", b"two"]
    assert messages[0][0] == {":event-type": "PayloadPart", ":message-type": "event"}
    assert ended == [True]


def test_a_container_that_breaks_off_ends_with_an_exception() -> None:
    """ModelStreamError with its code, after the parts that came."""

    def parts() -> Iterator[bytes]:
        yield b"one"
        raise urllib3.exceptions.ProtocolError("gone")

    messages = read(*Stream(parts(), lambda: None).events())
    assert messages[0][1] == b"one"
    assert messages[1][0][":exception-type"] == "ModelStreamError"
    assert b"StreamBroken" in messages[1][1]


def test_a_client_that_goes_away_gives_the_container_back() -> None:
    """Though not all was read."""
    ended: list[bool] = []
    events = Stream(iter([b"one", b"two"]), lambda: ended.append(True)).events()
    next(events)
    events.close()
    assert ended == [True]
