"""Whatever is sent: an answer below 500, and nothing on the queue that was not signed and documented."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.github_world import payload
from tests.unit.github.requests import Door, as_body, request, signature

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
EVENTS = {
    "push": "push",
    "pull_request": "pull_request_opened",
    "release": "release_published",
    "workflow_dispatch": "workflow_dispatch",
    "repository_dispatch": "repository_dispatch",
    "issue_comment": "comment_on_a_pull_request",
}


def _paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    return [path, *(each for name, inner in value.items() for each in _paths(inner, (*path, name)))]


def _changed(value: Any, path: tuple[str, ...], new: Any) -> Any:
    return new if not path else {**value, path[0]: _changed(value[path[0]], path[1:], new)}


@given(body=st.binary(max_size=200), event=st.text(max_size=20), signed=st.text(max_size=80))
def test_bytes_that_nobody_signed_get_nowhere(body: bytes, event: str, signed: str) -> None:
    """Whatever the headers say."""
    door = Door()
    answer = door.knock(request(body, encoded=True, x_github_event=event, x_hub_signature_256=signed))
    assert 400 <= answer.status < 500
    assert door.queue.sent == []


@given(body=st.binary(max_size=200), event=st.sampled_from([*EVENTS, "ping", "star"]))
def test_signed_bytes_are_never_an_error_of_ours(body: bytes, event: str) -> None:
    """Whoever holds the secret may still send nonsense."""
    door = Door()
    assert 200 <= door.knock(request(body, encoded=True, event=event)).status < 500
    assert door.queue.sent == []


@settings(max_examples=300, deadline=None)
@given(event=st.sampled_from(list(EVENTS)), data=st.data(), new=JSON)
def test_a_payload_with_one_thing_changed_is_taken_or_refused(
    event: str, data: st.DataObject, new: Any
) -> None:
    """Field by field, with anything that JSON can hold."""
    told = payload(EVENTS[event])
    path = data.draw(st.sampled_from(_paths(told)))
    body = as_body(_changed(told, path, new))
    door = Door()
    answer = door.knock(request(body, encoded=True, event=event))
    assert answer.status in (202, 400)
    assert len(door.queue.sent) == (answer.outcome == "accepted")


@given(json=JSON)
def test_a_signature_of_something_else_is_never_right(json: Any) -> None:
    """Constant time or not: the comparison is of the whole."""
    body = as_body({"x": json} if not isinstance(json, dict) else json)
    door = Door()
    assert door.knock(request(body, encoded=True, x_hub_signature_256=signature(body + b"\n"))).status == 401
