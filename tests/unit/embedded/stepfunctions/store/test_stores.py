"""What every store of executions does, and what the one on a file does beside that."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from embedded.stepfunctions.model import Changes, Execution, Strand
from embedded.stepfunctions.sqlite_store import SqliteStore
from embedded.stepfunctions.store import MemoryStore, Store

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"


def execution(name: str = "one", **fields: Any) -> Execution:
    values: dict[str, Any] = {
        "arn": f"arn:aws:states:us-east-1:000000000000:execution:m:{name}",
        "name": name,
        "machine_arn": MACHINE,
        "machine_name": "m",
        "role_arn": "arn:aws:iam::000000000000:role/r",
        "definition": '{"StartAt": "A"}',
        "input": '{"a": 1}',
        "started": 100.0,
    }
    return Execution(**values | fields)


def strand(number: int = 1, **fields: Any) -> Strand:
    values: dict[str, Any] = {
        "id": number,
        "parent": None,
        "index": 0,
        "scope": ("States", "M", "ItemProcessor", 0),
        "state": "A",
        "input": {"a": [1, None, "ä"]},
    }
    return Strand(**values | fields)


def event(number: int) -> dict[str, Any]:
    return {"timestamp": 1.5, "type": "PassStateEntered", "id": number, "previousEventId": number - 1}


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    made = SqliteStore(tmp_path / "new" / "states.sqlite")
    yield made
    made.close()


def test_what_was_saved_is_read_back(store: Store) -> None:
    """An execution, its strands and its events, with every field as it was."""
    one = execution(parent=("arn", 3), context={"x": {"y": 1}}, deadline=12.5)
    part = strand(retries={"0": 2}, timers={"timeout": 17.25}, task={"token": "t"})
    store.save(Changes(one, (part,), events=(event(1), event(2))))
    assert store.execution(one.arn) == one
    assert store.strands(one.arn) == [part]
    assert store.events(one.arn) == [event(1), event(2)]


def test_nothing_is_found_of_an_unknown_execution(store: Store) -> None:
    """An ARN that nobody saved."""
    assert store.execution("arn") is None
    assert store.strands("arn") == []
    assert store.events("arn") == []


def test_strands_are_replaced_and_forgotten(store: Store) -> None:
    """By id, and in the order of their ids."""
    one = execution()
    store.save(Changes(one, (strand(3), strand(1), strand(2))))
    store.save(Changes(one, (replace(strand(2), state="B"),), gone=(3,)))
    assert [(found.id, found.state) for found in store.strands(one.arn)] == [(1, "A"), (2, "B")]


def test_a_history_is_read_in_parts_up_and_down(store: Store) -> None:
    """From an event on, so many."""
    one = execution()
    store.save(Changes(one, events=tuple(event(number) for number in range(1, 8))))
    up = store.events(one.arn, first=3, limit=2)
    down = store.events(one.arn, first=5, limit=3, reverse=True)
    assert [found["id"] for found in up] == [3, 4]
    assert [found["id"] for found in down] == [5, 4, 3]


def test_only_what_has_not_ended_goes_on(store: Store) -> None:
    """In the order in which it was started; children that wait for a redrive are at work too."""
    store.save(Changes(execution("b")))
    store.save(Changes(execution("a", status="PENDING_REDRIVE")))
    store.save(Changes(execution("c", status="FAILED", stopped=101.0)))
    assert [found.name for found in store.unfinished()] == ["b", "a"]


def test_text_that_is_no_utf_8_is_kept(store: Store) -> None:
    """JSON can hold half a surrogate pair; AWS takes it."""
    one = execution(input='"\ud800"', output='"\udfff"')
    store.save(Changes(one, (strand(input="\ud800"),), events=(event(1) | {"type": "\ud800"},)))
    assert store.execution(one.arn) == one
    assert store.strands(one.arn)[0].input == "\ud800"


class TestFile:
    """The store on a file."""

    def test_a_new_process_finds_it_all(self, tmp_path: Path) -> None:
        """Also where the last one was killed: nothing waits for a close."""
        first = SqliteStore(tmp_path / "s.sqlite")
        first.save(Changes(execution(), (strand(),), events=(event(1),)))
        second = SqliteStore(tmp_path / "s.sqlite")
        assert second.execution(execution().arn) == execution()
        assert second.strands(execution().arn) == [strand()]
        assert second.events(execution().arn) == [event(1)]

    def test_a_save_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        """All of it or nothing: here an event's number is taken."""
        store = SqliteStore(tmp_path / "s.sqlite")
        store.save(Changes(execution(), events=(event(1),)))
        broken = Changes(execution(status="FAILED"), (strand(),), events=(event(2), event(1)))
        with pytest.raises(Exception, match="UNIQUE"):
            store.save(broken)
        assert store.execution(execution().arn) == execution()
        assert store.strands(execution().arn) == []
        assert store.events(execution().arn) == [event(1)]

    def test_a_definition_is_stored_once(self, tmp_path: Path) -> None:
        """However many executions run it."""
        store = SqliteStore(tmp_path / "s.sqlite")
        for name in ("a", "b", "c"):
            store.save(Changes(execution(name)))
        assert store.database.rows("SELECT count(*) FROM texts") == [(1,)]

    def test_strands_of_what_succeeded_are_gone(self, tmp_path: Path) -> None:
        """Those of what failed stay, for a redrive."""
        store = SqliteStore(tmp_path / "s.sqlite")
        for name, status in (("good", "SUCCEEDED"), ("bad", "FAILED")):
            store.save(Changes(execution(name), (strand(),)))
            store.save(Changes(execution(name, status=status), (strand(),)))
        assert store.strands(execution("good").arn) == []
        assert store.strands(execution("bad").arn) == [strand()]

    def test_each_change_of_status_is_to_be_announced(self, tmp_path: Path) -> None:
        """Until somebody says that it was, also after a restart; other changes are nobody's business."""
        store = SqliteStore(tmp_path / "s.sqlite")
        for one in (execution(), execution(last_event=5), execution(status="FAILED")):
            store.save(Changes(one))
        first, second = SqliteStore(tmp_path / "s.sqlite").announcements()
        assert (first.status, second.status) == ("RUNNING", "FAILED")
        store.announced(first.number)
        assert store.announcements() == [second]

    def test_executions_are_forgotten_after_their_time(self, tmp_path: Path) -> None:
        """With their strands and histories; what runs stays."""
        store = SqliteStore(tmp_path / "s.sqlite")
        store.save(Changes(execution("old", status="FAILED", stopped=50.0), (strand(),), events=(event(1),)))
        store.save(Changes(execution("new", status="FAILED", stopped=500.0)))
        store.save(Changes(execution("running")))
        store.forget(stopped_before=100.0)
        assert store.execution(execution("old").arn) is None
        assert store.database.rows("SELECT count(*) FROM events") == [(0,)]
        assert store.execution(execution("new").arn) is not None
        assert store.execution(execution("running").arn) is not None
