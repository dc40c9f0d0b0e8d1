"""Containers of a serverless variant come with requests and go with quiet."""

import threading
from typing import Any

import pytest

from embedded.sagemaker.containers import StartError
from embedded.sagemaker.pools import IDLE_SECONDS, Pool, ThrottledError
from embedded.sagemaker.records import Serverless
from tests.unit.embedded.sagemaker.fakes import FakeClock, FakeContainers, variant


class World:
    """A pool of containers that start at once."""

    def __init__(self, *, processes: int = 2, **limits: int) -> None:
        self.clock, self.containers = FakeClock(), FakeContainers()
        containers: Any = self.containers
        self.pool = Pool(
            Serverless(**({"memory_mb": 1024, "max_concurrency": 2} | limits)),
            lambda: containers.start("one", variant(), 1)[0],
            containers.stop,
            clock=self.clock,
            processes=processes,
        )

    @property
    def alive(self) -> int:
        return len(self.containers.alive())


def test_nothing_runs_before_a_request_and_the_next_one_finds_it_warm() -> None:
    """Only the first waits for a container."""
    world = World()
    assert world.alive == 0
    with world.pool.lease() as (first, setup):
        assert setup is not None
    with world.pool.lease() as (second, again):
        assert (second, again) == (first, None)


def test_requests_at_once_have_containers_of_their_own() -> None:
    """As long as there may be further ones; beyond, they share."""
    world = World(max_concurrency=3)
    with world.pool.lease() as (a, _), world.pool.lease() as (b, _), world.pool.lease() as (c, _):
        assert a is not b
        assert c in (a, b)


def test_one_more_than_the_concurrency_is_throttled() -> None:
    """Until another has ended."""
    world = World(max_concurrency=1)
    with world.pool.lease(), pytest.raises(ThrottledError), world.pool.lease():
        pass
    with world.pool.lease():
        assert world.alive == 1


def test_an_idle_container_ends_and_a_busy_one_does_not() -> None:
    """After a while without requests nothing runs."""
    world = World()
    with world.pool.lease():
        world.clock.moment += 2 * IDLE_SECONDS
        world.pool.reap()
        assert world.alive == 1
    world.clock.moment += IDLE_SECONDS
    world.pool.reap()
    assert world.alive == 0


def test_provisioned_concurrency_stays_warm() -> None:
    """From the start, and however quiet it is; a lower one lets containers go."""
    world = World(provisioned=1)
    world.pool.warm()
    world.clock.moment += IDLE_SECONDS
    world.pool.reap()
    assert world.alive == 1
    world.pool.limit(Serverless(memory_mb=1024, max_concurrency=2))
    world.pool.reap()
    assert world.alive == 0


def test_a_container_that_does_not_start_is_the_requests_failure() -> None:
    """The next request tries again."""
    world = World()
    world.containers.broken.add("image:one")
    with pytest.raises(StartError), world.pool.lease():
        pass
    world.containers.broken.clear()
    with world.pool.lease():
        assert world.alive == 1


def test_a_request_waits_for_the_container_that_another_starts() -> None:
    """Where no further one may be started."""
    world = World(processes=1)
    world.containers.hold.clear()
    seen: list[Any] = []

    def ask() -> None:
        with world.pool.lease() as (instance, _):
            seen.append(instance)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    world.containers.hold.set()
    for thread in threads:
        thread.join(10)
    assert (len(seen), world.alive) == (2, 1)
    assert world.pool.settle(0)
