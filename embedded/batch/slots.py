"""Which jobs may start now: queues by priority, jobs in line, capacity by vCPU, memory and GPU.

Sources: https://docs.aws.amazon.com/batch/latest/userguide/job_queue_parameters.html (priority),
https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html (what blocks a queue).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from embedded.batch.instances import ANY, Instance, most_gpus
from embedded.batch.model import Job, amount

MAX_RESOURCE = (
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the "
    "CPU requirement of the job."
)
REQUIREMENT = (
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher "
    "than that can be met by the CE(s) attached to the job queue."
)
NO_CAPACITY = (
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance "
    "type [{}]"
)
INVALID = "ACTION_REQUIRED - CE(s) associated with the job queue are invalid."


@dataclass(frozen=True)
class Environment:
    """A compute environment as the scheduler sees it; `lacking` is the type that EC2 has none of."""

    arn: str
    max_vcpus: float
    instances: tuple[Instance, ...] = (ANY,)
    lacking: str | None = None

    @property
    def max_gpus(self) -> int:
        """How many GPUs it has at most."""
        return most_gpus(self.instances, self.max_vcpus)

    def holds(self, job: Job) -> bool:
        """Whether each of the job's nodes fits on one of its instances."""
        return all(any(item.holds(_size(each)) for item in self.instances) for each in job.containers)


@dataclass(frozen=True)
class Queue:
    """A job queue as the scheduler sees it; `policy` is a `fairsharePolicy`, None for first in, first out."""

    arn: str
    priority: int
    environments: tuple[Environment, ...]
    policy: Mapping[str, Any] | None = None
    limits: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Start:
    """A job that may start, and where."""

    job: Job
    environment_arn: str


@dataclass(frozen=True)
class Head:
    """The job at the head of a queue that does not start: `reason` is why it blocks the queue, if it does."""

    queue: Queue
    job: Job
    reason: str | None


@dataclass
class Line:
    """The jobs of a queue in the order in which they may start, and which part of the vCPU is reserved."""

    jobs: Iterator[Job]
    reserved: float = 0.0


@dataclass
class _Taken:
    vcpus: float = 0.0
    gpus: int = 0


@dataclass
class Usage:
    """What running jobs take, by compute environment, and of the machine's memory."""

    machine_memory: int
    _taken: dict[str, _Taken] = field(default_factory=dict)
    _memory: int = 0
    _jobs: int = 0

    def take(self, environment_arn: str, job: Job) -> None:
        """Count a job that runs."""
        taken = self._taken.setdefault(environment_arn, _Taken())
        taken.vcpus += job.vcpus
        taken.gpus += job.gpus
        self._memory += job.memory
        self._jobs += 1

    def fits(self, environment: Environment, job: Job, *, reserved: float = 0.0) -> bool:
        """Whether a job finds its vCPU, its GPUs and its memory.

        A job that is alone on the machine always finds its memory, and alone in its environment it may use
        what is reserved: it would never start otherwise.
        """
        taken = self._taken.get(environment.arn, _Taken())
        limit = environment.max_vcpus * (1 - reserved) if taken.vcpus else environment.max_vcpus
        return (
            taken.vcpus + job.vcpus <= limit
            and taken.gpus + job.gpus <= max(environment.max_gpus, 0)
            and (not self._jobs or self._memory + job.memory <= self.machine_memory)
        )


def decide(queues: Sequence[Queue], line_of: Callable[[Queue], Line], usage: Usage) -> Iterator[Start | Head]:
    """The jobs that start now, in order (each is counted in `usage`), and the head of each line that stops.

    The job at the head of a queue holds up those behind it; where it only waits for room, also queues of
    lower priority that share its environments.
    """
    held: set[str] = set()
    for queue in sorted(queues, key=lambda queue: -queue.priority):
        yield from _of_queue(queue, line_of(queue), usage, held)


def _of_queue(queue: Queue, line: Line, usage: Usage, held: set[str]) -> Iterator[Start | Head]:
    for job in line.jobs:
        reason = block(queue, job)
        possible = [] if reason else [item for item in queue.environments if _may_hold(item, job)]
        free = [item for item in possible if item.arn not in held]
        free = [item for item in free if usage.fits(item, job, reserved=line.reserved)]
        if not free:
            held.update(environment.arn for environment in possible)
            yield Head(queue, job, reason)
            return
        usage.take(free[0].arn, job)
        yield Start(job, free[0].arn)


def block(queue: Queue, job: Job) -> str | None:
    """Why a job can start in no environment of its queue, however long it waits, as AWS words it."""
    if not queue.environments:
        return INVALID
    large = [item for item in queue.environments if job.vcpus <= item.max_vcpus]
    if not large:
        return MAX_RESOURCE
    fitting = [item for item in large if item.holds(job) and job.gpus <= item.max_gpus]
    if not fitting:
        return REQUIREMENT
    if all(item.lacking for item in fitting):
        return NO_CAPACITY.format(fitting[0].lacking)
    return None


def _may_hold(environment: Environment, job: Job) -> bool:
    fits = job.vcpus <= environment.max_vcpus and job.gpus <= environment.max_gpus
    return fits and environment.holds(job) and not environment.lacking


def _size(container: Mapping[str, Any]) -> Instance:
    return Instance(
        float(amount(container, "VCPU") or 1),
        float(amount(container, "MEMORY") or 0),
        int(float(amount(container, "GPU") or 0)),
    )
