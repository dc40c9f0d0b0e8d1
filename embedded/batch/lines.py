"""The jobs of each queue in the order in which they may start, and since when they stand where they stand."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from embedded.batch.book import JobBook
from embedded.batch.fair_share import Policy, Span, in_line, policy_of, usage
from embedded.batch.model import IN_FLIGHT, Job
from embedded.batch.slots import Line, Queue

# GetJobQueueSnapshot shows "the first 100 RUNNABLE jobs".
FRONT = 100

Now = Callable[[], int]


class Lines:
    """The lines of all queues."""

    def __init__(self, book: JobBook, now: Now) -> None:
        self._book = book
        self._now = now
        self._fronts: dict[str, list[tuple[str, int]]] = {}

    def line(self, queue: Queue) -> Line:
        """A queue's RUNNABLE jobs: as they were submitted, or by fair share."""
        if queue.policy is None:
            return Line(self._waiting(queue))
        policy = policy_of(queue.policy)
        used = self._used(queue, policy)
        active = {job.share_identifier or "" for job in self._book.active() if job.queue_arn == queue.arn}
        return Line(in_line(self._waiting(queue), used, policy), policy.reserved(len(active | set(used))))

    def note(self, queue: Queue) -> None:
        """Remember which jobs are at the front of a queue, and since when at which position."""
        before = self._fronts.get(queue.arn, [])
        arns = [job.job_arn for job in islice(self.line(queue).jobs, FRONT)]
        now = self._now()
        self._fronts[queue.arn] = [
            before[place] if place < len(before) and before[place][0] == arn else (arn, now)
            for place, arn in enumerate(arns)
        ]

    def front(self, queue_arn: str) -> list[dict[str, Any]]:
        """The API's `frontOfQueue.jobs`."""
        return [
            {"jobArn": arn, "earliestTimeAtPosition": since} for arn, since in self._fronts.get(queue_arn, ())
        ]

    def _waiting(self, queue: Queue) -> Iterator[Job]:
        for _, _, job_id in list(self._book.runnable(queue.arn)):
            job = self._book.get(job_id)
            if job is not None:
                yield job

    def _used(self, queue: Queue, policy: Policy) -> dict[str, float]:
        jobs = [job for job in self._book.records() if job.queue_arn == queue.arn and job.node is None]
        spans = [span for job in jobs for span in _spans(job, self._now())]
        return usage(spans, window=policy.window, now=self._now())


def _spans(job: Job, now: int) -> Iterator[Span]:
    share = job.share_identifier or ""
    for attempt in job.attempts:
        if attempt.started_at is not None:
            yield Span(share, job.vcpus, attempt.started_at, attempt.stopped_at or now)
    if job.status in IN_FLIGHT:
        yield Span(share, job.vcpus, job.started_at or now)
