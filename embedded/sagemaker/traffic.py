"""Who answers the next request: fleets, weights, and how traffic moves from one fleet to the next."""

import contextlib
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

from embedded.sagemaker.fleet import Fleet, Lease
from embedded.sagemaker.instance import INVOCATION_SECONDS, Instance

# A request may take as long as SageMaker lets it, and a little to hand its answer over.
_DRAIN_SECONDS = INVOCATION_SECONDS + 5
# Pools count the requests of their containers under locks of their own, so draining looks again now and then.
_LOOK_SECONDS = 0.1


class NoVariantError(Exception):
    """There is no such variant, or none that takes traffic."""


class Traffic:
    """The traffic of one endpoint. Picking an instance and counting its request are one step."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._fleet = Fleet()
        self._next: Fleet | None = None
        self._shares: dict[str, float] = {}

    @property
    def fleet(self) -> Fleet:
        """The fleet that serves; during a deployment the old one."""
        return self._fleet

    @property
    def next(self) -> Fleet | None:
        """The new fleet of a deployment under way."""
        return self._next

    def serves(self, fleet: Fleet) -> bool:
        """Whether a fleet takes part."""
        return fleet is self._fleet or fleet is self._next

    def running(self) -> Sequence[Instance]:
        """All instances of both fleets."""
        return [*self._fleet.all(), *(self._next.all() if self._next else ())]

    def capacity(self, variant: str) -> int:
        """How many instances a variant has, in both fleets."""
        return self._fleet.count(variant) + (self._next.count(variant) if self._next else 0)

    @contextlib.contextmanager
    def lease(self, variant: str | None = None) -> Iterator[Lease]:
        """An instance for one request; of the named variant, or of one chosen by weight."""
        with self._changed:
            name = variant or self._choose()
            fleet = self._side(name)
            pool = fleet.pools.get(name)
            held = Lease(*self._pick(name, fleet)) if pool is None else None
        if pool is not None:
            with pool.lease() as (warm, setup_seconds):
                yield Lease(warm, fleet, setup_seconds)
        elif held is not None:
            with self._counted(held.instance):
                yield held

    def switch(self, fleet: Fleet) -> Fleet:
        """Send all further requests to `fleet`; the fleet before it, which may still have requests."""
        with self._changed:
            before, self._fleet = self._fleet, fleet
            self._next, self._shares = None, {}
        return before

    def join(self, fleet: Fleet) -> None:
        """Put a new fleet beside the one that serves; it takes no traffic yet."""
        with self._changed:
            self._next, self._shares = fleet, {}

    def shift(self, shares: Mapping[str, float]) -> None:
        """Send a part of each variant's requests, 0 to 1, to the new fleet."""
        with self._changed:
            self._shares = dict(shares)

    def leave(self) -> Fleet:
        """Send all requests to the old fleet; what the new fleet was."""
        with self._changed:
            gone, self._next, self._shares = self._next, None, {}
        return gone or Fleet()

    def add(self, instance: Instance, fleet: Fleet) -> bool:
        """Let an instance take traffic with `fleet`; False when that fleet takes part no more."""
        with self._changed:
            fleet.instances.setdefault(instance.variant, []).append(instance)
            return self.serves(fleet)

    def remove(self, instance: Instance) -> bool:
        """Send an instance no further requests; whether it took any until now."""
        with self._changed:
            fleets = [self._fleet, *([self._next] if self._next else [])]
            groups = (fleet.instances.get(instance.variant, []) for fleet in fleets)
            group = next((each for each in groups if instance in each), None)
            if group is None:
                return False
            group.remove(instance)
            return True

    def drain(self, instances: Sequence[Instance], seconds: float = _DRAIN_SECONDS) -> bool:
        """Wait until instances that get no further requests have answered all of theirs."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while any(each.in_flight for each in instances):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, _LOOK_SECONDS))
        return True

    @contextlib.contextmanager
    def _counted(self, instance: Instance) -> Iterator[None]:
        # It was counted when it was picked.
        try:
            yield
        finally:
            with self._changed:
                instance.in_flight -= 1
                self._changed.notify_all()

    def _side(self, variant: str) -> Fleet:
        """The old or the new fleet, by the new one's share."""
        share = self._shares.get(variant, 0.0)
        is_new = self._next is not None and random.random() < share  # noqa: S311 - no secret
        return self._next if is_new and self._next is not None else self._fleet

    def _other(self, fleet: Fleet) -> Fleet:
        return self._fleet if fleet is not self._fleet or self._next is None else self._next

    def _pick(self, variant: str, fleet: Fleet) -> tuple[Instance, Fleet]:
        """One of the fleet's instances; of the other fleet where this one has none that is alive."""
        sides = [fleet] if variant not in self._shares else [fleet, self._other(fleet)]
        for side in sides:
            ready = [each for each in side.instances.get(variant, []) if each.is_alive]
            if ready:
                # Idle ones first unless the variant's routing is RANDOM; among equals at random.
                busy = 0 if side.variants[variant].is_random else 1
                found = min(ready, key=lambda each: (busy * each.in_flight, random.random()))  # noqa: S311
                found.in_flight += 1
                return found, side
        raise NoVariantError(variant)

    def _choose(self) -> str:
        weights = {name: each.weight for name, each in self._fleet.variants.items() if self._takes(name)}
        if not sum(weights.values()):
            raise NoVariantError
        return random.choices(list(weights), list(weights.values()))[0]  # noqa: S311 - no secret

    def _takes(self, variant: str) -> bool:
        fleets = [self._fleet, *([self._next] if self._next else [])]
        return any(each.instances.get(variant) or variant in each.pools for each in fleets)
