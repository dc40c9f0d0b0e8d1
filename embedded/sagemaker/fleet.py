"""The running instances of an endpoint under one configuration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from embedded.sagemaker.instance import Instance
from embedded.sagemaker.pools import Pool
from embedded.sagemaker.records import Options, Variant


@dataclass
class Fleet:
    """Instances and pools of containers by variant; an endpoint has one, and during a deployment two."""

    variants: dict[str, Variant] = field(default_factory=dict)
    instances: dict[str, list[Instance]] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    """Of serverless variants."""
    capacity: dict[str, int] = field(default_factory=dict)
    """How many instances take traffic, as was asked for; the processes standing for them may be fewer."""
    config: str = ""
    options: Options = field(default_factory=Options)

    def all(self) -> Sequence[Instance]:
        """All instances, those of pools too."""
        own = [each for group in self.instances.values() for each in group]
        return [*own, *(each for pool in self.pools.values() for each in pool.running())]

    def count(self, variant: str) -> int:
        """How many instances of a variant take traffic."""
        return self.capacity.get(variant, 0)

    def use(self, variants: Iterable[Variant]) -> None:
        """Take over new weights and limits of variants."""
        for each in variants:
            self.variants[each.name] = each
            if each.name in self.pools and each.serverless:
                self.pools[each.name].limit(each.serverless)


@dataclass(frozen=True)
class Lease:
    """One request's hold of an instance, and how long setting that up took (serverless variants only)."""

    instance: Instance
    fleet: Fleet
    setup_seconds: float | None = None
