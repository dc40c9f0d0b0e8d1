"""Which jobs may start now: queues by priority, jobs in order, capacity by vCPU and memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from embedded.batch.model import Job


@dataclass(frozen=True)
class Environment:
    """A compute environment as the scheduler sees it."""

    arn: str
    max_vcpus: float


@dataclass(frozen=True)
class Queue:
    """A job queue as the scheduler sees it."""

    arn: str
    priority: int
    environments: tuple[Environment, ...]


@dataclass(frozen=True)
class Start:
    """A job that may start, and where."""

    job: Job
    environment_arn: str


class Usage:
    """What running jobs take, by compute environment, and of the machine's memory."""

    def __init__(self, machine_memory: int) -> None:
        self._machine_memory = machine_memory
        self._vcpus: dict[str, float] = {}
        self._memory = 0
        self._jobs = 0

    def take(self, environment_arn: str, job: Job) -> None:
        """Count a job that runs."""
        self._vcpus[environment_arn] = self._vcpus.get(environment_arn, 0.0) + job.vcpus
        self._memory += job.memory
        self._jobs += 1

    def fits(self, environment: Environment, job: Job) -> bool:
        """Whether a job finds its vCPU and its memory; a job that is alone always finds the latter."""
        vcpus = self._vcpus.get(environment.arn, 0.0) + job.vcpus
        memory = not self._jobs or self._memory + job.memory <= self._machine_memory
        return vcpus <= environment.max_vcpus and memory


def startable(queues: Sequence[Queue], runnable: Sequence[Job], usage: Usage) -> Iterator[Start]:
    """The jobs that may start now, in order; each is counted in `usage`.

    As in Batch the job at the head of a queue holds up those behind it, and also queues of lower priority
    that share its environments; a job that never fits holds up nobody.
    """
    held: set[str] = set()
    by_queue: Mapping[str, list[Job]] = {queue.arn: [] for queue in queues}
    for job in sorted(runnable, key=lambda job: job.order):
        by_queue.get(job.queue_arn, []).append(job)
    for queue in sorted(queues, key=lambda queue: -queue.priority):
        yield from _of_queue(queue, by_queue[queue.arn], usage, held)


def _of_queue(queue: Queue, jobs: Iterable[Job], usage: Usage, held: set[str]) -> Iterator[Start]:
    for job in jobs:
        possible = [environment for environment in queue.environments if job.vcpus <= environment.max_vcpus]
        free = [item for item in possible if item.arn not in held and usage.fits(item, job)]
        if free:
            usage.take(free[0].arn, job)
            yield Start(job, free[0].arn)
        elif possible:
            held.update(environment.arn for environment in possible)
            return


def never_fits(queue: Queue, job: Job) -> bool:
    """Whether no environment of the queue is large enough, ever."""
    return all(job.vcpus > environment.max_vcpus for environment in queue.environments)
