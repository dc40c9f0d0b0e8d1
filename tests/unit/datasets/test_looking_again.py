"""A timer that was killed while it looked, or lost, or came to no end: no version is made too early."""

from dataclasses import replace

import pytest

from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.settle_dataset import settle_dataset
from sluiceway.errors import ServiceUnavailable
from tests.fakes.world import SETTLE, World
from tests.unit.datasets.test_pending import Broken


@pytest.fixture
def world() -> World:
    """Nothing uploaded yet."""
    return World()


def first_timer(world: World) -> SettleDatasetInput:
    """The message that was sent first."""
    message = world.queue.sent[0][0]
    assert isinstance(message, SettleDatasetInput)
    return message


def killed_while_it_looked(world: World) -> SettleDatasetInput:
    """A timer that had begun to list what lies there."""
    world.collect(world.push_data(path="a"))
    plain = world.objects
    world.objects = Broken(plain, "list_versions")  # type: ignore[assignment]
    with pytest.raises(ServiceUnavailable):
        world.settle(first_timer(world))
    world.objects = plain
    return first_timer(world)


def objects_of(world: World) -> int | None:
    """How many objects the latest version has."""
    pointer = world.ledger.dataset_pointer("flights")
    return pointer.objects if pointer else None


def test_a_timer_that_was_killed_waits_for_what_came_meanwhile(world: World) -> None:
    """As it would have, had it come for the first time; it goes on as another one."""
    message = killed_while_it_looked(world)
    world.collect(world.push_data(path="b"))
    assert world.settle(message, after=SETTLE - 1).outcome == "waiting"
    assert objects_of(world) is None
    assert world.queue.sent[-1][1] == 1
    assert world.settle(world.queue.sent[-1][0], after=1).outcome == "versioned"
    assert objects_of(world) == 2


def test_a_timer_that_was_killed_looks_where_nothing_came(world: World) -> None:
    """Nobody waits twice."""
    assert world.settle(killed_while_it_looked(world), after=0).outcome == "versioned"


def test_a_version_is_told_though_something_came_before_its_maker_came_again(world: World) -> None:
    """The pointer had moved; what came meanwhile is another version, once it has settled."""
    world.collect(world.push_data(path="a"))
    world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.settle(first_timer(world))
    world.collect(world.push_data(path="b"))
    assert world.settle(first_timer(world), after=0).outcome == "versioned"
    assert [each.objects for each in world.events.published] == [1]  # type: ignore[attr-defined]
    assert world.settle(world.queue.sent[-1][0], after=SETTLE).outcome == "versioned"
    assert [each.objects for each in world.events.published] == [1, 2]  # type: ignore[attr-defined]


def test_what_was_uploaded_before_a_timer_was_lost_does_not_count_for_the_day(world: World) -> None:
    """Days later the next upload starts the wait anew: it is not one that was written without pause."""
    world.collect(world.push_data(path="a"))
    world.wait(3 * 86400)
    world.collect(world.push_data(path="b"))
    assert world.settle(world.queue.sent[-1][0], after=15).outcome == "waiting"
    assert world.settle(world.queue.sent[-1][0], after=SETTLE - 15).outcome == "versioned"


@pytest.mark.parametrize(("uploads", "outcome"), [((), "versioned"), (("b",), "waiting")])
def test_a_look_that_takes_too_long_goes_on_once_uploads_have_ended(
    world: World, uploads: tuple[str, ...], outcome: str
) -> None:
    """At once where nothing came meanwhile."""
    world.objects.under_kms.add("uploads")
    world.collect(world.push_data(path="a"))
    world.wait(SETTLE)
    settle_dataset(first_timer(world), replace(world.settling(), seconds_left=lambda: 0.0))
    for path in uploads:
        world.collect(world.push_data(path=path))
    assert world.settle(world.queue.sent[-1][0], after=0).outcome == outcome
