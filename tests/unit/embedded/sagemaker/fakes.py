"""Instances, containers, alarms and a clock without processes and without waiting."""

import threading
from collections.abc import Callable, Mapping, Sequence

from embedded.sagemaker.containers import StartError
from embedded.sagemaker.fleet import Fleet
from embedded.sagemaker.records import Container, Serverless, Variant


def variant(
    name: str = "main",
    *,
    image: str = "image:one",
    instances: int = 1,
    weight: float = 1.0,
    serverless: Serverless | None = None,
) -> Variant:
    """A production variant."""
    role = "arn:aws:iam::000000000000:role/execution"
    container = Container(image=image)
    return Variant(
        name=name,
        role_arn=role,
        container=container,
        instances=instances,
        weight=weight,
        serverless=serverless,
    )


def fleet_of(*instances: object, **weights: float) -> Fleet:
    """A fleet of these instances, by the names of their variants."""
    groups: dict[str, list[object]] = {
        name: [each for each in instances if each.variant == name]  # type: ignore[attr-defined]
        for name in weights
    }
    return Fleet(
        variants={name: variant(name, weight=weight) for name, weight in weights.items()},
        instances=groups,  # type: ignore[arg-type]
        capacity={name: len(group) for name, group in groups.items()},
    )


class FakeClock:
    """Time that passes when somebody waits; `at` moments things happen."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.moment = now
        self._events: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        return self.moment

    def at(self, seconds: float, happens: Callable[[], None]) -> None:
        """Let something happen so many seconds from now."""
        self._events.append((self.moment + seconds, happens))

    def sleep(self, seconds: float, _given_up: threading.Event) -> None:
        self.moment += seconds
        due = [each for each in self._events if each[0] <= self.moment]
        self._events = [each for each in self._events if each[0] > self.moment]
        for _moment, happens in due:
            happens()


class FakeAlarms:
    """Alarms whose states a test sets; every alarm that is asked for is there."""

    def __init__(self) -> None:
        self.state: dict[str, str] = {}

    def states(self, _role_arn: str, names: Sequence[str]) -> Mapping[str, str]:
        return {name: self.state.get(name, "OK") for name in names}


class FakeInstance:
    """An instance that ends when told to."""

    def __init__(self, image: str, variant_name: str) -> None:
        self.image = image
        self.variant = variant_name
        self.instance_id = f"i-{id(self):x}"
        self.in_flight = 0
        self.pid = None
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
