"""The jobs: in memory, each in a file of its own, and told about when their status changes."""

import threading
from collections.abc import Callable
from pathlib import Path

from embedded.batch.model import ACTIVE, Job
from embedded.json_store import documents, write_json
from embedded.log_stream import now_ms

# Batch keeps ended jobs for seven days.
KEPT_MS = 7 * 24 * 3600 * 1000

OnChange = Callable[[Job], None]


class JobBook:
    """All jobs by id. Guarded by one condition, which is notified on every change."""

    def __init__(self, folder: Path, on_change: OnChange) -> None:
        """`on_change` is called, in order, whenever a job is new or has another status."""
        self._folder = folder
        self._on_change = on_change
        self.changed = threading.Condition(threading.RLock())
        self._jobs = {job.job_id: job for job in self._load()}

    def put(self, job: Job) -> Job:
        """Write a job down; what is on disk is never behind what is seen."""
        with self.changed:
            before = self._jobs.get(job.job_id)
            write_json(self._folder / f"{job.job_id}.json", job.model_dump_json())
            self._jobs[job.job_id] = job
            if before is None or before.status != job.status:
                self._on_change(job)
            self.changed.notify_all()
        return job

    def get(self, job_id: str) -> Job | None:
        """A job by its id or ARN."""
        return self._jobs.get(job_id.rpartition("/")[2])

    def all(self) -> list[Job]:
        """All jobs in the order in which they were submitted."""
        with self.changed:
            return sorted(self._jobs.values(), key=lambda job: job.order)

    def active(self) -> list[Job]:
        """The jobs that have not ended, in order."""
        return [job for job in self.all() if job.status in ACTIVE]

    def next_order(self) -> int:
        """The place of the next job in the order of submission."""
        with self.changed:
            return max((job.order for job in self._jobs.values()), default=0) + 1

    def wait_for_end(self, job_id: str) -> Job:
        """Return the job when it is SUCCEEDED or FAILED."""
        with self.changed:
            self.changed.wait_for(lambda: self._jobs[job_id].has_ended)
            return self._jobs[job_id]

    def _load(self) -> list[Job]:
        found = [Job.model_validate_json(text) for text in documents(self._folder)]
        kept = [job for job in found if not job.has_ended or now_ms() - (job.stopped_at or 0) < KEPT_MS]
        for job in found:
            if job not in kept:
                (self._folder / f"{job.job_id}.json").unlink(missing_ok=True)
        return kept
