"""Entries of PutEvents, held against MiniStack's own reading."""

import json
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import eventbridge

from embedded.mends import put_events

GOOD = {"Source": "s", "DetailType": "d", "Detail": "{}"}


@pytest.fixture
def put(monkeypatch):
    """The mended operation, in an account of its own."""
    for name in ("_put_events", "_now_ts"):
        monkeypatch.setattr(eventbridge, name, getattr(eventbridge, name))
    unmended = eventbridge._put_events
    put_events.install()

    def called(*entries: Any, mended: bool = True) -> tuple[int, Any]:
        with request_scope("111111111111", "us-east-1"):
            operation = eventbridge._put_events if mended else unmended
            status, _, content = operation({"Entries": list(entries)})
        return status, json.loads(content)

    return called


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Source": ""}, "InvalidArgument"),
        ({"DetailType": ""}, "InvalidArgument"),
        ({"Detail": ""}, "InvalidArgument"),
        ({"Detail": "no json"}, "MalformedDetail"),
        ({"Detail": "[1]"}, "MalformedDetail"),
    ],
)
def test_a_bad_entry_fails_alone(put, change: dict[str, str], code: str) -> None:
    """The others are put; MiniStack puts them all."""
    assert put(GOOD | change, mended=False)[1]["FailedEntryCount"] == 0
    _, answer = put(GOOD, GOOD | change)
    assert answer["FailedEntryCount"] == 1
    assert "EventId" in answer["Entries"][0]
    assert answer["Entries"][1]["ErrorCode"] == code


def test_a_request_has_a_size(put) -> None:
    """1 MB over all entries."""
    large = GOOD | {"Detail": json.dumps({"x": "y" * 600_000})}
    assert put(large)[0] == 200
    status, answer = put(large, large)
    assert (status, answer["__type"]) == (400, "ValidationException")
    assert answer["message"] == "Total size of the entries in the request is over the limit."


def test_a_request_has_an_entry(put) -> None:
    """From one to ten."""
    assert put()[0] == 400
    assert put(*[GOOD] * 11)[0] == 400


def test_an_entry_keeps_its_time(put) -> None:
    """MiniStack gives it the time of its arrival."""
    put(GOOD | {"Source": "timed", "Time": 1_700_000_000})
    with request_scope("111111111111", "us-east-1"):
        found = [event["Time"] for event in eventbridge._events_log_list() if event["Source"] == "timed"]
    assert found == [1_700_000_000]
