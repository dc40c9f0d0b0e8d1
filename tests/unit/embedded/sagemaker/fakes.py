"""Instances and containers without processes."""

import threading
from collections.abc import Sequence

from embedded.sagemaker.containers import StartError
from embedded.sagemaker.records import Container, Variant


def variant(
    name: str = "main", *, image: str = "image:one", instances: int = 1, weight: float = 1.0
) -> Variant:
    """A production variant."""
    role = "arn:aws:iam::000000000000:role/execution"
    container = Container(image=image)
    return Variant(name=name, role_arn=role, container=container, instances=instances, weight=weight)


class FakeInstance:
    """An instance that ends when told to."""

    def __init__(self, image: str, variant_name: str) -> None:
        self.image = image
        self.variant = variant_name
        self.instance_id = f"i-{id(self):x}"
        self.in_flight = 0
        self.ended = threading.Event()

    @property
    def is_alive(self) -> bool:
        return not self.ended.is_set()

    def wait_for_end(self) -> None:
        self.ended.wait()


class FakeContainers:
    """Starts instances at once, except of images that are broken."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.hold = threading.Event()
        self.hold.set()
        self.started: list[FakeInstance] = []

    def start(self, endpoint: str, of: Variant, count: int) -> list[FakeInstance]:
        self.hold.wait()
        if count and of.container.image in self.broken:
            raise StartError(f"{of.container.image} did not pass the ping health check")
        instances = [FakeInstance(of.container.image, of.name) for _ in range(count)]
        self.started += instances
        return instances

    def stop(self, instances: Sequence[FakeInstance]) -> None:
        for instance in instances:
            instance.ended.set()

    def resolved(self, of: Variant) -> Variant:
        return of.model_copy(update={"resolved_image": f"{of.container.image}@sha256:0"})

    def alive(self) -> list[str]:
        return [each.image for each in self.started if each.is_alive]
