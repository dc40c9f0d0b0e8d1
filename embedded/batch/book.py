"""The jobs: kept for seven days after their end, and told about when their status changes."""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from embedded.batch.dependencies import awaited
from embedded.batch.model import ACTIVE, Job
from embedded.log_stream import now_ms
from embedded.record_book import RecordBook

KEPT_MS = 7 * 24 * 3600 * 1000

# Where a job stands in a queue: (order of submission, index in its array, id).
Place = tuple[int, int, str]


class JobBook(RecordBook[Job]):
    """All jobs by id; those that wait, and children, are found without reading through all of them."""

    def __init__(self, folder: Path, on_change: Callable[[Job], None]) -> None:
        """`on_change` is called, in order, whenever a job is new or has another status."""
        self._active: dict[str, set[str]] = {status: set() for status in ACTIVE}
        self._runnable: dict[str, list[Place]] = {}
        self._children: dict[str, list[str]] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._waiters: dict[str, set[str]] = {}
        self._stirred: set[str] = set()
        self._last_order = 0

        def changed(before: Job | None, after: Job) -> None:
            self._index(before, after)
            if before is None or before.status != after.status:
                on_change(after)

        super().__init__(folder, Job, key=lambda job: job.job_id, on_change=changed)
        for job in sorted(self.records(), key=lambda job: job.place):
            if job.has_ended and now_ms() - (job.stopped_at or 0) > KEPT_MS:
                self.forget(job.job_id)
            else:
                self._index(None, job)

    def get(self, job_id: str) -> Job | None:
        """A job by its id or ARN."""
        return self.find(job_id.rpartition("/")[2])

    def all(self) -> list[Job]:
        """All jobs in the order in which they were submitted."""
        return sorted(self.records(), key=lambda job: job.place)

    def active(self, *statuses: str) -> list[Job]:
        """The jobs that have not ended, in order; those of some statuses only, if any are named."""
        found = [self.find(job_id) for status in statuses or ACTIVE for job_id in self._active[status]]
        return sorted((job for job in found if job is not None), key=lambda job: job.place)

    def runnable(self, queue_arn: str) -> list[Place]:
        """The places of a queue's RUNNABLE jobs, in order; do not change the list."""
        return self._runnable.get(queue_arn, [])

    def children(self, parent: str) -> list[Job]:
        """The children of an array job or of a multi-node job, by their index."""
        return [job for job in map(self.find, self._children.get(parent, ())) if job is not None]

    def next_order(self) -> int:
        """The place of the next job in the order of submission."""
        return self._last_order + 1

    def counts(self, parent: str) -> Counter[str]:
        """How many children of an array job are in each status."""
        return self._counts.get(parent, Counter())

    def waiting_queues(self) -> list[str]:
        """The ARNs of the queues that have RUNNABLE jobs."""
        return [arn for arn, places in self._runnable.items() if places]

    def take_stirred(self) -> list[Job]:
        """The jobs to look at, in order: new ones, and those for which something has ended."""
        found = [self.find(job_id) for job_id in self._stirred]
        self._stirred.clear()
        return sorted((job for job in found if job is not None), key=lambda job: job.place)

    def stir(self, job_ids: Iterable[str]) -> None:
        """Have jobs looked at."""
        self._stirred.update(job_ids)

    def wait_for_end(self, job_id: str) -> Job:
        """Return the job when it is SUCCEEDED or FAILED."""
        return self.wait_for(job_id, lambda job: job.has_ended)

    def _index(self, before: Job | None, after: Job) -> None:
        self._last_order = max(self._last_order, after.order)
        if before is not None:
            self._leave(before)
        if after.status in ACTIVE:
            self._active[after.status].add(after.job_id)
        if after.status == "RUNNABLE":
            insort(self._runnable.setdefault(after.queue_arn, []), _place(after))
        self._count(before, after)
        self._stir(before, after)

    def _leave(self, job: Job) -> None:
        if job.status in ACTIVE:
            self._active[job.status].discard(job.job_id)
        if job.status == "RUNNABLE":
            self._runnable[job.queue_arn].remove(_place(job))

    def _count(self, before: Job | None, after: Job) -> None:
        if after.parent is None:
            return
        counts = self._counts.setdefault(after.parent, Counter())
        if before is None:
            self._children.setdefault(after.parent, []).append(after.job_id)
        else:
            counts[before.status] -= 1
        counts[after.status] += 1

    def _stir(self, before: Job | None, after: Job) -> None:
        if after.status in ("SUBMITTED", "PENDING"):
            self._stirred.add(after.job_id)
        if before is None and not after.has_ended:
            for job_id in awaited(after):
                self._waiters.setdefault(job_id, set()).add(after.job_id)
        if after.has_ended:
            self._stirred |= self._waiters.pop(after.job_id, set())
            self._stirred |= {after.parent} if after.parent else set()


def _place(job: Job) -> Place:
    return (*job.place, job.job_id)
