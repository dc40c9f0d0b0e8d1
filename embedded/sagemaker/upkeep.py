"""A container that ends while it takes traffic is replaced, as SageMaker replaces unhealthy instances."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from embedded.sagemaker.containers import StartError
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.instance import Instance
from embedded.sagemaker.records import Variant
from embedded.sagemaker.traffic import Traffic

_RESTART_SECONDS = 1.0


class Starter(Protocol):
    """Whoever starts and stops instances."""

    def start(self, endpoint: str, variant: Variant, count: int) -> list[Instance]:
        """Start instances and wait until they are healthy."""

    def stop(self, instances: Sequence[Instance]) -> None:
        """End instances."""

    def resolved(self, variant: Variant) -> Variant:
        """The variant with its image pinned."""


class Upkeep:
    """Watches the instances of fleets."""

    def __init__(
        self, containers: Starter, traffic: Callable[[str], Traffic], closing: threading.Event
    ) -> None:
        self._containers = containers
        self._traffic = traffic
        self._closing = closing

    def watch(self, endpoint: str, instances: Sequence[Instance], fleet: Fleet) -> None:
        """Replace each of `instances` when it ends, for as long as its fleet takes part."""
        for instance in instances:
            self._watch(endpoint, instance, fleet)

    def _watch(self, endpoint: str, instance: Instance, fleet: Fleet) -> None:
        def wait() -> None:
            instance.wait_for_end()
            if not self._closing.is_set() and self._traffic(endpoint).remove(instance):
                self._containers.stop([instance])
                self._replace(endpoint, instance.variant, fleet)

        threading.Thread(target=wait, name=f"watch {instance.instance_id}", daemon=True).start()

    def _replace(self, endpoint: str, variant_name: str, fleet: Fleet) -> None:
        traffic = self._traffic(endpoint)
        while traffic.serves(fleet) and not self._closing.wait(_RESTART_SECONDS):
            variant = fleet.variants.get(variant_name)
            if variant is None:
                return
            try:
                (instance,) = self._containers.start(endpoint, variant, 1)
            except StartError:
                continue
            if traffic.add(instance, fleet):
                self._watch(endpoint, instance, fleet)
            else:
                self._containers.stop([instance])
            return
