"""Who answers the next request: fleets, weights, and the moment at which one fleet takes over."""

import contextlib
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from embedded.sagemaker.instance import INVOCATION_SECONDS, Instance

# A request may take as long as SageMaker lets it, and a little to hand its answer over.
_DRAIN_SECONDS = INVOCATION_SECONDS + 5


class NoVariantError(Exception):
    """There is no such variant, or none that takes traffic."""


@dataclass
class Fleet:
    """The running instances of an endpoint, by variant, and the share of traffic that each variant takes."""

    instances: dict[str, list[Instance]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)

    def all(self) -> Sequence[Instance]:
        """All instances."""
        return [each for group in self.instances.values() for each in group]

    def count(self, variant: str) -> int:
        """How many instances a variant has."""
        return len(self.instances.get(variant, []))


class Traffic:
    """The traffic of one endpoint. Picking an instance and counting its request are one step."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._fleet = Fleet()

    @property
    def fleet(self) -> Fleet:
        """The fleet that takes traffic now."""
        return self._fleet

    @contextlib.contextmanager
    def lease(self, variant: str | None = None) -> Iterator[Instance]:
        """An instance for one request; of the named variant, or of one chosen by weight."""
        with self._changed:
            instance = self._pick(variant)
            instance.in_flight += 1
        try:
            yield instance
        finally:
            with self._changed:
                instance.in_flight -= 1
                self._changed.notify_all()

    def switch(self, fleet: Fleet) -> Fleet:
        """Send all further requests to `fleet`; the fleet before it, which may still have requests."""
        with self._changed:
            before, self._fleet = self._fleet, fleet
        return before

    def reweigh(self, weights: Mapping[str, float]) -> None:
        """Change the share of some variants."""
        with self._changed:
            self._fleet.weights.update(weights)

    def add(self, instance: Instance, fleet: Fleet) -> bool:
        """Let an instance take traffic with `fleet`; False when another fleet has taken over."""
        with self._changed:
            fleet.instances.setdefault(instance.variant, []).append(instance)
            return self._fleet is fleet

    def remove(self, instance: Instance) -> bool:
        """Send an instance no further requests; whether it took any until now."""
        with self._changed:
            group = self._fleet.instances.get(instance.variant, [])
            if instance not in group:
                return False
            group.remove(instance)
            return True

    def drain(self, instances: Sequence[Instance], seconds: float = _DRAIN_SECONDS) -> bool:
        """Wait until instances that get no further requests have answered all of theirs."""
        with self._changed:
            return self._changed.wait_for(lambda: not any(each.in_flight for each in instances), seconds)

    def _pick(self, variant: str | None) -> Instance:
        group = self._fleet.instances.get(variant or self._choose()) or []
        ready = [each for each in group if each.is_alive]
        if not ready:
            raise NoVariantError(variant or "")
        # Idle ones first; among equals at random.
        return min(ready, key=lambda each: (each.in_flight, random.random()))  # noqa: S311 - no secret

    def _choose(self) -> str:
        names = [name for name, group in self._fleet.instances.items() if group]
        weights = [self._fleet.weights.get(name, 0.0) for name in names]
        if not sum(weights):
            raise NoVariantError
        return random.choices(names, weights)[0]  # noqa: S311 - no secret
