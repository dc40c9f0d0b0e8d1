"""What is invoked asynchronously waits while there is no room for it, and costs none of its retries."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from embedded.mends import throttled_events

NO_ROOM = {"throttle": True, "error": True, "body": {"__type": "TooManyRequestsException"}}
DONE = {"body": "done"}


class _Function:
    """Has no room so many times."""

    def __init__(self, throttled: int) -> None:
        self.throttled = throttled
        self.attempts = 0

    def execute(self, _func: Any, _event: Any) -> Mapping[str, Any]:
        self.attempts += 1
        return NO_ROOM if self.attempts <= self.throttled else DONE


@pytest.fixture
def asynchronous() -> Any:
    """As in the thread that MiniStack starts for an event."""
    token = throttled_events._asynchronous.set(True)
    yield
    throttled_events._asynchronous.reset(token)


def test_a_throttled_event_waits_longer_and_longer(asynchronous: None) -> None:
    """One second after the first attempt, up to five minutes after later ones."""
    function, pauses = _Function(10), list[float]()
    execute = throttled_events.waiting(function.execute, sleep=pauses.append)
    assert execute({}, {}) == DONE
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]


def test_an_event_waits_six_hours_at_most(asynchronous: None) -> None:
    """Then it is a failure like others."""
    function, pauses = _Function(10_000), list[float]()
    assert throttled_events.waiting(function.execute, sleep=pauses.append)({}, {}) == NO_ROOM
    assert 6 * 3600 <= sum(pauses) < 6 * 3600 + 300


def test_who_waits_for_the_answer_is_told_at_once() -> None:
    """A synchronous caller tries again by itself."""
    function = _Function(1)
    assert throttled_events.waiting(function.execute)({}, {}) == NO_ROOM
    assert function.attempts == 1


def test_a_batch_waits_for_room_as_long_as_its_messages_are_hidden() -> None:
    """In short steps; then they come again by themselves."""
    pauses = list[float]()
    attempts = iter([NO_ROOM, NO_ROOM, NO_ROOM, DONE])
    wait = partial(throttled_events.until_there_is_room, longest_pause=2, sleep=pauses.append)
    assert wait(lambda: next(attempts), seconds=60) == DONE
    assert pauses == [1, 2, 2]
    assert wait(lambda: NO_ROOM, seconds=5) == NO_ROOM
    assert sum(pauses[3:]) <= 7
