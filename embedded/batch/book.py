"""The jobs: kept for seven days after their end, and told about when their status changes."""

from collections.abc import Callable
from pathlib import Path

from embedded.batch.model import ACTIVE, Job
from embedded.log_stream import now_ms
from embedded.record_book import RecordBook

KEPT_MS = 7 * 24 * 3600 * 1000


class JobBook(RecordBook[Job]):
    """All jobs by id."""

    def __init__(self, folder: Path, on_change: Callable[[Job], None]) -> None:
        """`on_change` is called, in order, whenever a job is new or has another status."""

        def changed(before: Job | None, after: Job) -> None:
            if before is None or before.status != after.status:
                on_change(after)

        super().__init__(folder, Job, key=lambda job: job.job_id, on_change=changed)
        for job in self.records():
            if job.has_ended and now_ms() - (job.stopped_at or 0) > KEPT_MS:
                self.forget(job.job_id)

    def get(self, job_id: str) -> Job | None:
        """A job by its id or ARN."""
        return self.find(job_id.rpartition("/")[2])

    def all(self) -> list[Job]:
        """All jobs in the order in which they were submitted."""
        return sorted(self.records(), key=lambda job: job.order)

    def active(self) -> list[Job]:
        """The jobs that have not ended, in order."""
        return [job for job in self.all() if job.status in ACTIVE]

    def next_order(self) -> int:
        """The place of the next job in the order of submission."""
        return max((job.order for job in self.records()), default=0) + 1

    def wait_for_end(self, job_id: str) -> Job:
        """Return the job when it is SUCCEEDED or FAILED."""
        return self.wait_for(job_id, lambda job: job.has_ended)
