"""Jobs on their way from SUBMITTED to RUNNABLE: what they wait for, and the children of arrays.

Sources: https://docs.aws.amazon.com/batch/latest/userguide/job_states.html and array_jobs.html
"""

from collections.abc import Callable
from itertools import islice

from embedded.batch import arrays
from embedded.batch.book import JobBook
from embedded.batch.dependencies import Verdict, verdict
from embedded.batch.model import DEPENDENCY_FAILED, Job

# How many children are spawned before anything else is looked at.
_SPAWNED_AT_ONCE = 200
# From SUBMITTED to RUNNABLE at once: a job counts for its share, so it must be in line, too.
_STEPS = 2

Fail = Callable[[Job, str], None]


class Waiting:
    """Looks at new jobs, and at those for which something has ended."""

    def __init__(self, book: JobBook, fail: Fail, now: Callable[[], int]) -> None:
        """`fail(job, reason)` ends a job that never started."""
        self._book = book
        self._fail = fail
        self._now = now

    def advance(self) -> bool:
        """Move on what can move; whether anything did."""
        moved = False
        for _ in range(_STEPS):
            for job in self._book.take_stirred():
                moved = self._advance(job) or moved
        return moved

    def _advance(self, job: Job) -> bool:
        if job.status == "SUBMITTED":
            self._book.put(job.model_copy(update={"status": "PENDING"}))
            return True
        return job.status == "PENDING" and self._leave_pending(job)

    def _leave_pending(self, job: Job) -> bool:
        found = verdict(job, self._book.get)
        if found is Verdict.WAITING:
            return False
        if job.is_array and (found is Verdict.READY or self._book.counts(job.job_id)):
            return self._advance_array(job)
        if job.is_cancelled or found is Verdict.FAILED:
            self._fail(job, job.stop_reason or DEPENDENCY_FAILED)
        else:
            self._book.put(job.model_copy(update={"status": "RUNNABLE"}))
        return True

    def _advance_array(self, job: Job) -> bool:
        ended = arrays.outcome(job, self._book.counts(job.job_id), self._now())
        if ended is not None:
            self._book.put(job.model_copy(update=ended))
            return True
        return not (job.is_cancelled or job.is_terminated) and self._spawn(job)

    def _spawn(self, job: Job) -> bool:
        first = self._book.counts(job.job_id).total()
        indices = list(islice(range(first, job.size or 0), _SPAWNED_AT_ONCE))
        for index in indices:
            self._book.put(arrays.child(job, index, self._now()))
        self._book.stir([job.job_id] if indices else [])
        return bool(indices)
