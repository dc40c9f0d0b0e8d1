"""At most one timer looks at a dataset, and there always is one while something was not looked at."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from sluiceway.clock import timestamp
from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.manifest import make_manifest
from sluiceway.errors import ServiceUnavailable, TransientError
from sluiceway.gateways.ledger import Ledger
from sluiceway.triggers.contracts import DatasetVersioned
from sluiceway.triggers.uploads import Upload
from tests.fakes.samples import AT, SLUICE_YAML
from tests.fakes.world import SETTLE, World


@pytest.fixture
def world() -> World:
    """Nothing uploaded yet."""
    return World()


def timers(world: World) -> list[tuple[str, int]]:
    """What was sent to look, each with its delay."""
    sent = [(message, delay) for message, delay in world.queue.sent]
    return [(m.token, delay) for m, delay in sent if isinstance(m, SettleDatasetInput) and not m.at_once]


def test_ten_thousand_objects_are_one_timer_and_one_version(world: World) -> None:
    """And nearly no writes: one for each object's outcome, and a few to know when the last one came."""
    for number in range(10_000):
        if number % 1000 == 0:
            world.wait(0.5)
        world.collect(world.push_data(path=f"{number:05d}"))
    assert len(timers(world)) == 1
    assert world.settle_all() == ["versioned"]
    assert world.ledger.dataset_pointer("flights").objects == 10_000  # type: ignore[union-attr]


def test_a_timer_that_comes_early_goes_on(world: World) -> None:
    """It looks after the shortest settle time first; the rest is what is left of the stage's."""
    world.collect(world.push_data())
    assert timers(world)[0][1] == 15
    message = world.queue.sent[0][0]
    assert world.settle(message, after=15).outcome == "waiting"
    assert [each[1] for each in timers(world)] == [15, 15]
    assert world.settle(message, after=0).outcome == "superseded"
    assert world.settle(world.queue.sent[-1][0], after=15).outcome == "versioned"


def test_what_comes_meanwhile_starts_the_wait_again(world: World) -> None:
    """Nothing must have come for the whole settle time."""
    world.collect(world.push_data(path="a"))
    world.wait(SETTLE - 1)
    world.collect(world.push_data(path="b"))
    assert world.settle(world.queue.sent[0][0], after=1).outcome == "waiting"
    assert timers(world)[1][1] in (SETTLE - 1, SETTLE)
    assert world.settle_all()[-1] == "versioned"


@pytest.mark.parametrize(
    ("settle", "hops"), [("15s", [15]), ("1h", [15, 900, 900, 900, 885]), ("20m", [15, 900, 285])]
)
def test_a_project_says_how_long_to_wait(world: World, settle: str, hops: list[int]) -> None:
    """Longer than SQS delays a message: it goes on as often as it must."""
    yaml = SLUICE_YAML.replace("data: [flights]", f"data: {{flights: {{settle: {settle}}}}}")
    world.deliver(world.push_code(sluice_yaml=yaml))
    world.collect(world.push_data())
    sent = 0
    while world.ledger.dataset_pointer("flights") is None:
        message, delay = world.queue.sent[sent]
        world.settle(message, after=delay)
        sent += 1
    assert [delay for _, delay in timers(world)] == hops


def test_the_longest_time_of_all_projects_holds(world: World) -> None:
    """Of their latest code; what another release wrote and nobody can read asks for nothing."""
    for project, settle in (("one", "40s"), ("two", "2m")):
        yaml = SLUICE_YAML.replace("flight-delay", project)
        world.deliver(
            world.push_code(
                project, sluice_yaml=yaml.replace("[flights]", f"{{flights: {{settle: {settle}}}}}")
            )
        )
    world.collect(world.push_data())
    assert world.settle(world.queue.sent[0][0], after=100).outcome == "waiting"
    assert world.settle(world.queue.sent[1][0], after=21).outcome == "versioned"


def test_a_dataset_that_is_written_without_pause_is_a_version_after_a_day(world: World) -> None:
    """Else it would never be one."""
    delivered = number = 0
    while world.ledger.dataset_pointer("flights") is None:
        world.collect(world.push_data(path=f"{number}"))
        number += 1
        world.wait(SETTLE - 10)
        while delivered < len(world.queue.sent) and _due(world):
            world.settle(world.queue.sent[delivered][0], after=0)
            delivered += 1
    assert number * (SETTLE - 10) // 3600 == 24


def _due(world: World) -> bool:
    pending = world.ledger.pending_dataset("flights")
    return pending is not None and pending.due_at is not None and pending.due_at <= world.now()


def test_a_lost_timer_is_replaced_by_the_next_upload(world: World) -> None:
    """It was delivered too often in vain; nobody waits for it, and it does nothing when it comes back."""
    world.collect(world.push_data(path="a"))
    world.wait(2 * 3600)
    world.collect(world.push_data(path="b"))
    assert len(timers(world)) == 2
    lost, other = (message for message, _ in world.queue.sent)
    assert world.settle(lost).outcome == "superseded"
    assert world.settle(other).outcome == "versioned"


def test_a_timer_whose_sender_died_is_sent_by_the_next(world: World) -> None:
    """Whoever relies on it; and by the sender itself, when its message comes again."""
    for again in (world.push_data(path="b"), None):
        upload, broken = world.push_data(), Broken(world.queue, "send")
        world.queue, plain = broken, world.queue  # type: ignore[assignment]
        with pytest.raises(ServiceUnavailable):
            world.collect(upload)
        world.queue = plain
        sent = len(timers(world))
        world.collect(again or upload)
        assert len(timers(world)) == sent + 1
        world.collect(upload)
        assert len(timers(world)) == sent + 1
        assert "versioned" in world.settle_all() or again is None


def test_a_message_of_an_earlier_release_settles(world: World) -> None:
    """Then each upload sent one, and the newest token was all that was kept."""
    world.push_data()
    world.ledger._table.put({"pk": "DATASET#flights", "sk": "PENDING", "token": "t1"})
    older, newest = (SettleDatasetInput(dataset="flights", token=token) for token in ("t0", "t1"))
    assert [world.settle(each).outcome for each in (older, newest)] == ["superseded", "versioned"]


def test_clocks_that_differ_lose_nothing(world: World) -> None:
    """An upload whose collector's clock is ten minutes late is part of a version all the same."""
    world.collect(world.push_data(path="a"))
    world.settle_all()
    world.wait(-600)
    world.collect(world.push_data(path="b"))
    world.wait(600)
    world.settle_all()
    assert world.ledger.dataset_pointer("flights").objects == 2  # type: ignore[union-attr]


class Broken:
    """A gateway one of whose calls fails once."""

    def __init__(self, real: Any, operation: str) -> None:
        self._real, self._operation, self._left = real, operation, 1

    def __getattr__(self, name: str) -> Any:
        if name == self._operation and self._left:
            self._left -= 1
            raise ServiceUnavailable("no answer")
        return getattr(self._real, name)


class Killed(TransientError):
    """The process is gone."""


class Stepper:
    """A gateway that asks before and after each call what happens now."""

    def __init__(self, real: Any, step: Callable[[str], None]) -> None:
        self._real, self._step = real, step

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if not callable(real):
            return real

        def call(*args: Any, **named: Any) -> Any:
            self._step("before")
            answer = real(*args, **named)
            self._step("after")
            return answer

        return call


class History(World):
    """A world in which anything may happen at any call: a kill, or somebody else's whole turn."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.fault_rate = 0.03
        self.depth = 0
        self.waiting: list[Any] = []
        self.plain = self.ledger
        self.bucket = self.objects
        self.ledger = Ledger(Stepper(self.ledger._table, self.step))
        self.objects = Stepper(self.bucket, self.step)  # type: ignore[assignment]
        self.sent = 0

    def step(self, _when: str) -> None:
        if self.random.random() < self.fault_rate:
            raise Killed
        if self.depth < 3 and self.random.random() < 0.05:
            self.turn()

    def put(self, path: str, body: bytes) -> None:
        """An upload whose event is under way."""
        self.bucket.put("uploads", f"data/flights/{path}", body)
        self.waiting.append(self._event(f"data/flights/{path}"))

    def _event(self, key: str) -> Upload:
        number = next(self._sequence)
        return Upload(event_id=f"u{number}", bucket="uploads", key=key, version_id="", size=1, order="")

    def turn(self) -> None:
        """Deliver something, perhaps for the second time; it comes again when it failed."""
        while self.sent < len(self.queue.sent):
            self.waiting.append(self.queue.sent[self.sent][0])
            self.sent += 1
        if not self.waiting:
            return
        message = self.random.choice(self.waiting)
        self.depth += 1
        skew = timedelta(seconds=self.random.choice((0, 0, 0, -600, 600)))
        self.time += skew
        try:
            self.handle(message)
            if self.random.random() < 0.9 and message in self.waiting:
                self.waiting.remove(message)
        except Killed:
            pass
        finally:
            self.time -= skew
            self.depth -= 1

    def handle(self, message: Any) -> None:
        if isinstance(message, Upload):
            self.collect(message)
        else:
            self.settle(message, after=self.random.choice((0, 5, 60)))

    def drain(self) -> None:
        """No more faults; everything is delivered."""
        self.fault_rate = 0
        self.depth = 3
        for _ in range(5000):
            self.turn()
            if not self.waiting and self.sent == len(self.queue.sent):
                return
            self.wait(1)
        raise AssertionError("never quiet")


@pytest.mark.parametrize("seed", range(150))
def test_whatever_happens_the_latest_version_is_what_lies_there(seed: int) -> None:
    """Kills between any two calls, turns of others between any two calls, duplicates, clocks that differ."""
    world = History(seed)
    for number in range(12):
        path = world.random.choice("abc") if number % 4 else "_SUCCESS"
        world.put(path, f"{world.random.randint(0, 2)}".encode())
        for _ in range(world.random.randint(0, 3)):
            world.turn()
            world.wait(world.random.choice((0, 0.2, 10, 40)))
    world.drain()
    there = make_manifest(
        "flights", bucket="uploads", versions=world.bucket.list_versions("uploads", "data/flights/")
    )
    latest = world.plain.dataset_pointer("flights")
    assert latest is not None
    assert latest.version == there.version
    told = [event for event in world.events.published if isinstance(event, DatasetVersioned)]
    assert latest.event_id in {event.event_id for event in told}
    assert len({(event.event_id, event.dataset_version) for event in told}) == len({e.event_id for e in told})
    pending = world.plain.pending_dataset("flights")
    assert pending is not None
    # A delivery of an upload that another one has recorded may die before it sends: the next upload sends.
    assert pending.timer is None or not pending.sent
    log = world.plain.dataset_log("flights")
    assert all(newer.version != older.version for newer, older in pairwise(log))
    assert [each.previous for each in log] == [*[each.version for each in log[1:]], None]


def test_the_orders_of_listings_are_those_in_which_they_began() -> None:
    """Also where the clock goes back."""
    from sluiceway.datasets.pending import PendingDataset, take_order

    state, orders = PendingDataset(dataset="flights"), []
    for seconds in (0, 5, -600, 3):
        now = timestamp(datetime.fromisoformat(AT) + timedelta(seconds=seconds))
        state = take_order(state, by="t", now=now)
        orders.append(state.order)
    assert orders == sorted(set(orders))
