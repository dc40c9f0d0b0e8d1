"""A message that is sent while another is deleted stays in its queue."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from ministack.services import sqs

from embedded.mends import queue_locks
from embedded.mends.queue_locks import one_at_a_time

URL = "http://localhost:4566/000000000000/q"


class Queue(dict[str, Any]):
    """A queue; somebody sends a message to it while the list of its messages is exchanged."""

    def __init__(self, send: Callable[["Queue"], None]) -> None:
        super().__init__(attributes={}, messages=[_message("first", handle="h")])
        self.sender = threading.Thread(target=send, args=(self,), daemon=True)

    def __setitem__(self, key: str, value: Any) -> None:
        self.sender.start()
        self.sender.join(timeout=0.3)  # It may have to wait until this is done.
        super().__setitem__(key, value)


def _message(name: str, *, handle: str | None = None) -> dict[str, Any]:
    return {"id": name, "receipt_handle": handle}


def _send(queue: Queue) -> None:
    queue["messages"].append(_message("second"))


def _left(
    monkeypatch: pytest.MonkeyPatch, lock: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> list[str]:
    queue = Queue(lock(_send))
    monkeypatch.setattr(sqs, "_get_q", lambda *_: queue)
    lock(sqs._act_delete_message)({"QueueUrl": URL, "ReceiptHandle": "h"}, URL)
    queue.sender.join()
    return [message["id"] for message in queue["messages"]]


def test_ministack_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deviation: the message went into the list that was just replaced."""
    assert _left(monkeypatch, lambda change: change) == []


def test_one_at_a_time_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The send waits for the delete."""
    assert _left(monkeypatch, partial(one_at_a_time, lock=threading.RLock())) == ["second"]


def test_there_is_one_lock_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mapping that receives held MiniStack's lock, one that deletes this mend's: both waited for ever."""
    monkeypatch.setattr(sqs, "_queues_lock", threading.Lock())
    monkeypatch.setattr(queue_locks, "_CHANGING", {})
    queue_locks.install()
    with sqs._queues_lock, sqs._queues_lock:
        assert one_at_a_time(lambda: "done", sqs._queues_lock)() == "done"


def test_what_waits_for_another_may_call_it() -> None:
    """A delete for a mapping moves dead letters."""
    lock = threading.RLock()
    inner = one_at_a_time(lambda: "done", lock)
    assert one_at_a_time(inner, lock)() == "done"
