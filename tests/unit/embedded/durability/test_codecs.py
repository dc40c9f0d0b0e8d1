"""A small change of a large entry is a small write, and what is put together again is what was there."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from embedded.durability.codecs import Codec, Listed, Split, Whole
from embedded.durability.nested import Numbered, Streams
from embedded.durability.splitters import Chunks, Items, Messages

KEY = ("000000000000", "us-east-1", "name")


def _message(name: str) -> dict[str, Any]:
    return {"id": name, "visible_at": 1, "receive_count": 0, "receipt_handle": None}


def _queue() -> dict[str, Any]:
    return {"attributes": {"x": "1"}, "messages": [_message(name) for name in "abc"]}


def _group() -> dict[str, Any]:
    events = [{"timestamp": n, "message": str(n)} for n in range(70)]
    return {"arn": "x", "streams": {"one/[$LATEST]": {"last": 69, "events": events}}}


def _queue_codec() -> Codec:
    return Split({"messages": Messages()})


def _group_codec() -> Codec:
    return Split({"streams": Streams()})


def _table_codec() -> Codec:
    return Split({"items": Items()}, without=("_index_members",))


CASES: dict[str, tuple[Callable[[], Codec], Any]] = {
    "whole": (Whole, {"a": 1}),
    "queue": (_queue_codec, _queue()),
    "points": (lambda: Listed(Chunks()), [{"Timestamp": n} for n in range(100)]),
    "group": (_group_codec, _group()),
    "table": (_table_codec, {"name": "t", "items": {"p": {"s": {"k": {"S": "p"}}}}}),
    "upload": (
        lambda: Split({"parts": Numbered()}),
        {"key": "k", "parts": {1: {"etag": "x"}, 2: {"etag": "y"}}},
    ),
}


def _rows(codec: Codec, value: Any, rows: dict[str, str] | None = None) -> dict[str, str]:
    """What is on disk after the changes."""
    found = dict(rows or {})
    for part, text in codec.changes(KEY, value):
        if part is None:
            found.clear()
        elif text is None:
            found.pop(part)
        else:
            found[part] = text
    return found


def _joined(make: Callable[[], Codec], rows: dict[str, str]) -> tuple[Codec, Any]:
    codec = make()
    return codec, codec.join(KEY, {part: json.loads(text) for part, text in sorted(rows.items())})


@pytest.mark.parametrize("case", CASES)
def test_what_was_saved_comes_back_and_counts_as_saved(case: str) -> None:
    """Also numbers as keys, and the order of messages; at the next start nothing is written anew."""
    make, value = CASES[case]
    codec, joined = _joined(make, _rows(make(), value))
    assert joined == value
    assert list(codec.changes(KEY, joined)) == []


def test_a_message_more_is_a_row_more() -> None:
    """A send does not write the queue again; neither does a receive or a delete."""
    codec, queue = _queue_codec(), _queue()
    rows = _rows(codec, queue)
    queue["messages"].append(_message("d"))
    assert len(list(codec.changes(KEY, queue))) == 1
    queue["messages"][0]["visible_at"] = 9
    assert len(list(codec.changes(KEY, queue))) == 1
    queue["messages"] = queue["messages"][1:]
    assert [text for _, text in codec.changes(KEY, queue)] == [None]
    assert len(rows) == 4


def test_messages_keep_their_order_over_restarts() -> None:
    """The order of a FIFO queue, also when it went on after a start."""
    codec, queue = _joined(_queue_codec, _rows(_queue_codec(), _queue()))
    rows = _rows(_queue_codec(), _queue())
    queue["messages"] = [*queue["messages"][1:], _message("d")]
    _, again = _joined(_queue_codec, _rows(codec, queue, rows))
    assert [each["id"] for each in again["messages"]] == ["b", "c", "d"]


def test_an_item_is_a_row() -> None:
    """A table is too large to look through: who stores an item marks it."""
    items = Items()
    codec = Split({"items": items})
    table: dict[str, Any] = {"items": {"p": {"s": {"v": 1}}}}
    rows = _rows(codec, table)
    table["items"]["q"] = {"s": {"v": 2}}
    items.mark(KEY, "q", "s")
    del table["items"]["p"]
    items.mark(KEY, "p", "s")
    changes = dict(codec.changes(KEY, table))
    assert sorted(text is None for text in changes.values()) == [False, True]
    assert len(rows) == 2


def test_a_table_whose_items_were_exchanged_is_written_whole() -> None:
    """As when a transaction is rolled back or a backup restored: no old item stays."""
    codec = _table_codec()
    table = {"items": {"p": {"s": {"v": 1}}}}
    rows = _rows(codec, table)
    table["items"] = {"q": {"s": {"v": 2}}}
    _, joined = _joined(_table_codec, _rows(codec, table, rows))
    assert joined["items"] == {"q": {"s": {"v": 2}}}


def test_a_log_event_more_is_a_chunk() -> None:
    """Of 32 events; those before are not written again."""
    codec, group = _group_codec(), _group()
    rows = _rows(codec, group)
    group["streams"]["one/[$LATEST]"]["events"].append({"timestamp": 70, "message": "x"})
    changes = list(codec.changes(KEY, group))
    assert len(changes) == 1
    assert len(json.loads(str(changes[0][1]))) == 7
    assert _joined(_group_codec, rows | dict(changes))[1] == group  # type: ignore[arg-type]


@pytest.mark.parametrize("kept", [0, 1, 31, 32, 33, 69])
def test_a_list_that_lost_entries_leaves_no_chunk_behind(kept: int) -> None:
    """At its front, as trimmed stream records, or all."""
    codec, points = Listed(Chunks()), [{"n": n} for n in range(70)]
    rows = _rows(codec, points)
    rows = _rows(codec, points[70 - kept :], rows)
    assert _joined(lambda: Listed(Chunks()), rows)[1] == points[70 - kept :]


def test_a_late_event_in_the_middle_is_saved() -> None:
    """MiniStack sorts events by their time."""
    codec, points = Listed(Chunks()), [{"n": n} for n in range(70)]
    rows = _rows(codec, points)
    merged = [*points[:10], {"n": 9.5}, *points[10:]]
    assert _joined(lambda: Listed(Chunks()), _rows(codec, merged, rows))[1] == merged


@pytest.mark.parametrize("case", CASES)
def test_what_is_forgotten_is_written_again(case: str) -> None:
    """After a failed save nobody knows what is on disk."""
    make, value = CASES[case]
    codec = make()
    rows = _rows(codec, value)
    codec.forget(KEY)
    assert _rows(codec, value) == rows
