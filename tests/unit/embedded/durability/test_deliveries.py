"""An event that was accepted stays on record until its thread has ended."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from embedded.durability.deliveries import Deliveries, Threads, _was_written
from embedded.durability.store import StateNotSaved


def _start(target: Any, **settings: Any) -> threading.Thread:
    thread = Threads().Thread(target=target, daemon=True, **settings)
    thread.start()
    return thread


def test_a_delivery_is_pending_until_its_thread_ends() -> None:
    """MiniStack answers as soon as the thread is started."""
    deliveries, go_on = Deliveries(), threading.Event()
    with deliveries.opened("invocation", {"event": 1}):
        thread = _start(go_on.wait)
    assert [each["payload"] for each in deliveries.pending.values()] == [{"event": 1}]
    go_on.set()
    thread.join()
    assert not deliveries.pending


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_delivery_that_fails_is_over_too() -> None:
    """Retries are within the thread; what it gives up on went to a dead-letter queue."""
    deliveries = Deliveries()

    def fail() -> None:
        raise SystemExit

    with deliveries.opened("invocation", {}):
        thread = _start(fail)
    thread.join()
    assert not deliveries.pending


def test_without_a_thread_it_is_over_at_once() -> None:
    """As when the function is gone."""
    deliveries = Deliveries()
    with deliveries.opened("invocation", {}):
        assert len(deliveries.pending) == 1
    assert not deliveries.pending


def test_a_thread_of_nothing_is_a_thread() -> None:
    """Only the first thread inside belongs to a delivery."""
    deliveries, go_on = Deliveries(), threading.Event()
    with deliveries.opened("invocation", {}):
        first = _start(go_on.wait)
        _start(lambda: None).join()
        assert len(deliveries.pending) == 1
    go_on.set()
    first.join()


def test_a_notification_keeps_its_sequencer() -> None:
    """It is made when the thread is, and must not be made anew: the event would seem later than it was."""
    deliveries, go_on = Deliveries(), threading.Event()
    with deliveries.opened("notification", {"notified": [], "named": {}}):
        thread = _start(
            lambda *_, **__: go_on.wait(), args=(print, "bucket", "key"), kwargs={"sequencer": "1"}
        )
    (pending,) = deliveries.pending.values()
    assert pending["payload"] == {"notified": ["bucket", "key"], "named": {"sequencer": "1"}}
    go_on.set()
    thread.join()


def test_a_delivery_leaves_when_it_is_saved() -> None:
    """So an object is there before its notification; where saving fails it leaves all the same."""
    deliveries, seen = Deliveries(), list[str]()

    def wait() -> None:
        seen.append("saved")
        raise StateNotSaved("full")

    with deliveries.opened("notification", {}, wait=wait):
        thread = _start(lambda: seen.append("delivered"))
    thread.join()
    assert seen == ["saved", "delivered"]


@pytest.mark.parametrize(
    ("event", "expected"), [("s3:ObjectCreated:Put", False), ("s3:ObjectRemoved:Delete", True)]
)
def test_nothing_is_told_of_an_object_that_a_kill_kept_from_being_written(event: str, expected: bool) -> None:
    """It was not acknowledged either."""
    s3 = SimpleNamespace(
        _buckets={"b": {"objects": {"there": {}}}}, _object_versions={("b", "versioned"): []}
    )
    assert _was_written(s3, "b", "absent", event) is expected
    assert _was_written(s3, "gone", "absent", event) is expected
    assert _was_written(s3, "b", "there", event)
    assert _was_written(s3, "b", "versioned", event)


def test_what_an_earlier_server_left_is_delivered_in_order() -> None:
    """And what cannot be is named in the log, once, and keeps nothing else back."""
    deliveries, seen = Deliveries(), []
    for name, payload in (("2", "later"), ("1", "earlier"), ("3", "broken")):
        deliveries.pending[name] = {"kind": "k" if payload != "broken" else "unknown", "payload": payload}
    deliveries.take_up({"k": seen.append})  # type: ignore[arg-type]
    assert seen == ["earlier", "later"]
    assert not deliveries.pending


@pytest.mark.parametrize("name", ["Lock", "Event", "current_thread"])
def test_the_rest_of_threading_is_there(name: str) -> None:
    """It stands in for the module."""
    assert getattr(Threads(), name) is getattr(threading, name)
