"""A key is touched by whoever may have changed its value."""

import copy

import pytest

from embedded.durability.touched import TouchedDict, WrittenDict, remembered


def _fresh(kind: type[WrittenDict]) -> WrittenDict:
    found = kind({"a": {"n": 1}, "b": {"n": 2}})
    found.touched.clear()
    return found


@pytest.mark.parametrize("read", [lambda held: held["a"], lambda held: held.get("a")])
def test_who_reads_a_value_may_change_it(read: object) -> None:
    """MiniStack changes its records in place, so reading touches."""
    held = _fresh(TouchedDict)
    read(held)  # type: ignore[operator]
    assert held.touched == {"a"}


@pytest.mark.parametrize("read", ["values", "items"])
def test_who_goes_through_all_may_change_all(read: str) -> None:
    """Values and items hand out everything; keys hand out nothing."""
    held = _fresh(TouchedDict)
    list(held)
    assert not held.touched
    getattr(held, read)()
    assert held.touched == {"a", "b"}


def test_what_is_only_written_is_not_touched_by_reading() -> None:
    """Sessions are never changed once they are there; looking them up at each request costs nothing."""
    held = _fresh(WrittenDict)
    assert held["a"] == {"n": 1}
    list(held.values())
    assert not held.touched


def test_every_way_of_writing_touches() -> None:
    """Also what removes a key."""
    held = _fresh(WrittenDict)
    held["c"] = 1
    held.setdefault("d", 2)
    held.update({"e": 3})
    del held["a"]
    held.pop("b")
    assert held.touched == {"a", "b", "c", "d", "e"}
    held.touched.clear()
    held.clear()
    assert held.touched == {"c", "d", "e"}


def test_a_request_touches_once_more_what_it_held() -> None:
    """A long poll changes a queue long after it fetched it: at its end the queue is looked at again."""
    held = _fresh(TouchedDict)
    with remembered() as touches:
        held["a"]["n"] = 5
        held.touched.clear()  # Saved meanwhile, for another request.
        touches.again()
    assert held.touched == {"a"}


def test_a_copy_is_a_plain_one() -> None:
    """MiniStack copies its dictionaries; the copy must not report touches."""
    copied = copy.deepcopy(_fresh(TouchedDict))
    assert type(copied) is dict
    assert copied == {"a": {"n": 1}, "b": {"n": 2}}
