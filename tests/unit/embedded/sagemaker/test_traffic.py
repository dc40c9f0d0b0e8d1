"""Traffic goes by weight to idle instances, and a new fleet takes over between two requests."""

import threading
from dataclasses import dataclass

import pytest

from embedded.sagemaker.traffic import NoVariantError, Traffic
from tests.unit.embedded.sagemaker.fakes import fleet_of


@dataclass
class FakeInstance:
    variant: str = "main"
    in_flight: int = 0
    is_alive: bool = True


def serving(*instances: FakeInstance, **weights: float) -> Traffic:
    traffic = Traffic()
    traffic.switch(fleet_of(*instances, **weights))
    return traffic


def test_the_instance_with_fewest_requests_is_next() -> None:
    """Two instances share what comes in."""
    first, second = FakeInstance(), FakeInstance()
    traffic = serving(first, second, main=1.0)
    with traffic.lease() as one, traffic.lease() as other:
        assert {id(one.instance), id(other.instance)} == {id(first), id(second)}


def test_weights_decide_which_variant_answers() -> None:
    """A variant of weight 0 takes no traffic, unless a request names it."""
    traffic = serving(FakeInstance("a"), FakeInstance("b"), a=0.0, b=2.0)
    for _ in range(20):
        with traffic.lease() as lease:
            assert lease.instance.variant == "b"
    with traffic.lease("a") as lease:
        assert lease.instance.variant == "a"


def test_weights_are_shares() -> None:
    """Three quarters of the traffic for three quarters of the weight."""
    traffic = serving(FakeInstance("a"), FakeInstance("b"), a=1.0, b=3.0)
    seen = []
    for _ in range(2000):
        with traffic.lease() as lease:
            seen.append(lease.instance.variant)
    assert 0.68 < seen.count("b") / len(seen) < 0.82


def test_an_instance_that_has_ended_gets_no_request() -> None:
    """Another of its variant does; where there is none, there is no variant to answer."""
    dead, alive = FakeInstance(is_alive=False), FakeInstance()
    traffic = serving(dead, alive, main=1.0)
    with traffic.lease() as lease:
        assert lease.instance is alive
    alive.is_alive = False
    with pytest.raises(NoVariantError), traffic.lease():
        pass


@pytest.mark.parametrize("target", [None, "other"])
def test_without_a_fleet_or_such_a_variant_nobody_answers(target: str | None) -> None:
    """An endpoint that was never healthy has no fleet."""
    traffic = serving(FakeInstance(), main=1.0) if target else Traffic()
    with pytest.raises(NoVariantError), traffic.lease(target):
        pass


def test_draining_waits_for_requests_that_the_old_fleet_still_has() -> None:
    """A request that began before the switch ends on the old fleet; later ones go to the new one."""
    old, new = FakeInstance(), FakeInstance()
    traffic = serving(old, main=1.0)
    with traffic.lease() as first:
        before = traffic.switch(fleet_of(new, main=1.0))
        with traffic.lease() as second:
            assert (first.instance, second.instance) == (old, new)
        assert not traffic.drain(before.all(), seconds=0.01)
        drained = threading.Thread(target=traffic.drain, args=(before.all(),))
        drained.start()
    drained.join(timeout=5)
    assert not drained.is_alive()
    assert traffic.drain(before.all(), seconds=0)


def test_an_instance_for_a_fleet_that_was_replaced_takes_no_traffic() -> None:
    """A container that comes back late must not join the next fleet, whose model is another."""
    traffic = serving(FakeInstance(), main=1.0)
    before = traffic.switch(fleet_of(FakeInstance(), main=1.0))
    assert not traffic.add(FakeInstance(), before)
    assert traffic.fleet.count("main") == 1
