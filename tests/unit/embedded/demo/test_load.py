"""Asking an endpoint without pause."""

from threading import Event
from typing import Any

from embedded.demo.load import keep_asking


class Client:
    """Every second answer fails."""

    def __init__(self, enough: int) -> None:
        self.asked = 0
        self.enough, self.done = enough, Event()

    def invoke_endpoint(self, **_: Any) -> Any:
        self.asked += 1
        if self.asked >= self.enough:
            self.done.set()
        if self.asked % 2:
            raise ConnectionError("gone")
        return {"Body": self}

    def read(self) -> bytes:
        return b""


def test_each_request_is_counted_and_each_failure_named():
    """No retry hides one, and what was begun is waited for."""
    client = Client(enough=4)
    with keep_asking(client, "endpoint", b"{}") as count:
        assert client.done.wait(10)
    assert count.requests == client.asked
    assert count.failed == count.failures["ConnectionError: gone"] == (client.asked + 1) // 2
