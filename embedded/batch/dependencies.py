"""Whether what a job depends on lets it go.

Source: https://docs.aws.amazon.com/batch/latest/userguide/job_dependencies.html and array_jobs.html.
"""

from collections.abc import Callable, Iterator
from enum import Enum

from embedded.batch.model import N_TO_N, SEQUENTIAL, Dependency, Job

Find = Callable[[str], Job | None]


class Verdict(Enum):
    """What dependencies mean for a job."""

    READY = "all of them succeeded"
    WAITING = "one of them has not ended"
    FAILED = "one of them failed, or is not there any more"


def verdict(job: Job, find: Find) -> Verdict:
    """What the dependencies of a job mean for it; one that failed counts at once."""
    found = {_of(item, job, find) for item in job.depends_on}
    return next((each for each in (Verdict.FAILED, Verdict.WAITING) if each in found), Verdict.READY)


def awaited(job: Job) -> Iterator[str]:
    """The ids of the jobs whose end may change the verdict."""
    for item in job.depends_on:
        if item.job_id is not None:
            yield item.job_id
        if job.index is not None:
            yield _twin(item, job)


def _of(item: Dependency, job: Job, find: Find) -> Verdict:
    """An array job itself waits for whole jobs; its children for the same index, or the one before."""
    if item.type == N_TO_N or item.job_id is None:
        return _of_child(item, job, find) if job.index is not None else Verdict.READY
    return _VERDICTS.get(_status(find(item.job_id)), Verdict.WAITING)


def _of_child(item: Dependency, job: Job, find: Find) -> Verdict:
    if item.job_id is None and not job.index:
        return Verdict.READY
    found = find(_twin(item, job))
    if found is None and item.job_id is not None:
        # Its array has not spawned it yet, or never will.
        whole = find(item.job_id)
        return Verdict.WAITING if whole is not None and not whole.has_ended else Verdict.FAILED
    return _VERDICTS.get(_status(found), Verdict.WAITING)


def _twin(item: Dependency, job: Job) -> str:
    """The child of an array that a child waits for."""
    index = job.index or 0
    return f"{job.parent}:{index - 1}" if item.job_id is None else f"{item.job_id}:{index}"


def _status(job: Job | None) -> str:
    return "FAILED" if job is None else job.status


_VERDICTS = {"SUCCEEDED": Verdict.READY, "FAILED": Verdict.FAILED}


def of_children(depends_on: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
    """The dependencies that each child of an array has, as its parent has waited for the others."""
    return tuple(
        item
        for item in depends_on
        if item.type == N_TO_N or (item.type == SEQUENTIAL and item.job_id is None)
    )
