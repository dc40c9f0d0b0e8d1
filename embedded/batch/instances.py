"""What instance types have, as far as a job's size is held against them: vCPU, memory in MiB, GPUs.

Sizes: https://docs.aws.amazon.com/ec2/latest/instancetypes/ (general purpose to accelerated). A type that
is not here is taken to be large enough, and to have no GPU.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Instance:
    """What one instance has."""

    vcpus: float
    memory: float
    gpus: int = 0

    def holds(self, needed: "Instance") -> bool:
        """Whether a container of that size fits."""
        return needed.vcpus <= self.vcpus and needed.memory <= self.memory and needed.gpus <= self.gpus


ANY = Instance(float("inf"), float("inf"))

_SIZES: Mapping[str, int] = {
    "large": 2,
    "xlarge": 4,
    "2xlarge": 8,
    "4xlarge": 16,
    "8xlarge": 32,
    "12xlarge": 48,
    "16xlarge": 64,
    "24xlarge": 96,
}
_GIB_PER_VCPU: Mapping[str, int] = {
    **dict.fromkeys(("c5", "c6a", "c6g", "c6i", "c7a", "c7g", "c7i"), 2),
    **dict.fromkeys(("m5", "m6a", "m6g", "m6i", "m7a", "m7g", "m7i"), 4),
    **dict.fromkeys(("r5", "r6a", "r6g", "r6i", "r7a", "r7g", "r7i"), 8),
}
_ONE_OR_MORE = {"xlarge": 1, "2xlarge": 1, "4xlarge": 1, "8xlarge": 1, "12xlarge": 4, "16xlarge": 1}
_GPUS: Mapping[str, Mapping[str, int]] = {
    "g4dn": _ONE_OR_MORE,
    "g5": _ONE_OR_MORE | {"24xlarge": 4, "48xlarge": 8},
    "g6": _ONE_OR_MORE | {"24xlarge": 4, "48xlarge": 8},
}
_ACCELERATED: Mapping[str, Mapping[str, Instance]] = {
    "p3": {
        "2xlarge": Instance(8, 61 * 1024, 1),
        "8xlarge": Instance(32, 244 * 1024, 4),
        "16xlarge": Instance(64, 488 * 1024, 8),
    },
    "p4d": {"24xlarge": Instance(96, 1152 * 1024, 8)},
    "p5": {"48xlarge": Instance(192, 2048 * 1024, 8)},
}


def instances_of(types: Sequence[str]) -> tuple[Instance, ...]:
    """What an environment's `instanceTypes` (types, families or `optimal`) can launch."""
    return tuple(instance for name in types for instance in _of(name))


def most_gpus(instances: Iterable[Instance], max_vcpus: float) -> int:
    """How many GPUs an environment of so many vCPU has at most."""
    return max((int(max_vcpus // item.vcpus) * item.gpus for item in instances if item.gpus), default=0)


def _of(name: str) -> Iterator[Instance]:
    family, _, size = name.partition(".")
    known = dict(_family(family))
    if not known or (size and size not in known):
        yield ANY
    elif size:
        yield known[size]
    else:
        yield from known.values()


def _family(name: str) -> Iterator[tuple[str, Instance]]:
    if name in _GIB_PER_VCPU:
        for size, vcpus in _SIZES.items():
            yield size, Instance(vcpus, vcpus * _GIB_PER_VCPU[name] * 1024)
    for size, gpus in _GPUS.get(name, {}).items():
        vcpus = 192 if size == "48xlarge" else _SIZES[size]
        yield size, Instance(vcpus, vcpus * 4 * 1024, gpus)
    yield from _ACCELERATED.get(name, {}).items()
