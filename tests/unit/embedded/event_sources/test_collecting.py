"""How messages become batches."""

from embedded.event_sources.collecting import MOST_BYTES, Collected, by_group


def _held(size: int = 10, window: float = 0, messages: int = 0, body: str = "x") -> Collected:
    held = Collected(size, window)
    for number in range(messages):
        held.add({"id": number}, {"body": body}, now=float(number))
    return held


def test_nothing_is_never_due() -> None:
    """An empty batch does not invoke."""
    assert not _held().is_due(1e9)


def test_without_a_window_anything_is_due() -> None:
    """The first message invokes at once."""
    assert _held(messages=1).is_due(0)


def test_a_window_counts_from_its_first_message() -> None:
    """Not from the last: a trickle does not hold the batch for ever."""
    held = _held(window=5, messages=3)
    assert not held.is_due(4.9)
    assert held.is_due(5)


def test_a_full_batch_is_due_before_its_window_is_over() -> None:
    """As many as BatchSize; and none is taken beyond."""
    held = _held(size=3, window=300, messages=3)
    assert held.is_due(2)
    assert held.room() == 0


def test_a_batch_has_6_mb() -> None:
    """A payload's limit fills a batch, and what does not fit waits for the next one."""
    held = _held(size=10_000, window=300, messages=7, body="x" * 1_000_000)
    assert held.is_due(7)
    taken = held.take()
    assert len(taken) == 6
    assert len(held.messages) == 1
    assert held.held_bytes < MOST_BYTES


def test_groups_go_apart_in_their_order() -> None:
    """One invocation has messages of one group only."""
    batch = [({"id": number, "group_id": group}, None) for number, group in enumerate("abab")]
    assert [[message["id"] for message, _ in part] for part in by_group(batch)] == [[0, 2], [1, 3]]
