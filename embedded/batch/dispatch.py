"""Which jobs start, and what becomes of those that block their queues.

Source: https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html
"""

from collections.abc import Callable, Sequence

from embedded.batch.book import JobBook
from embedded.batch.lines import Lines
from embedded.batch.model import Job
from embedded.batch.slots import Head, Queue, Start, Usage, decide
from embedded.batch.time_limits import CANCELED, code_of, deadline

WhenBlocked = Callable[[Job, str], None]


class Dispatch:
    """One look at all queues after another."""

    def __init__(
        self, book: JobBook, lines: Lines, when_blocked: WhenBlocked, now: Callable[[], int]
    ) -> None:
        self._book = book
        self._lines = lines
        self._when_blocked = when_blocked
        self._now = now
        self._heads: dict[str, Head] = {}

    def decide(self, queues: Sequence[Queue], usage: Usage) -> list[Start]:
        """The jobs that start; those that block a queue say so in their status reason."""
        found = list(decide(queues, self._lines.line, usage))
        heads = {item.queue.arn: item for item in found if isinstance(item, Head)}
        self._unblock(heads)
        self._heads = heads
        for head in heads.values():
            self._block(head)
        for queue in queues:
            self._lines.note(queue)
        return [item for item in found if isinstance(item, Start)]

    @property
    def next_limit(self) -> int | None:
        """When the next job that blocks its queue is canceled, in milliseconds since 1970."""
        return min((due for _, _, due in self._limited()), default=None)

    def overdue(self) -> list[tuple[Job, str]]:
        """The jobs whose time is up, and the reason with which they are canceled."""
        now = self._now()
        return [(job, CANCELED.format(code_of(reason))) for job, reason, due in self._limited() if due <= now]

    def _limited(self) -> list[tuple[Job, str, int]]:
        found: list[tuple[Job, str, int]] = []
        for head in self._heads.values():
            job = self._book.get(head.job.job_id)
            if job is None or job.status != "RUNNABLE" or head.reason is None:
                continue
            due = deadline(job, head.reason, head.queue.limits)
            found += [(job, head.reason, due)] if due is not None else []
        return found

    def _block(self, head: Head) -> None:
        job = self._book.get(head.job.job_id)
        if job is None or (job.status_reason == head.reason and job.blocked_since):
            return
        if head.reason is not None:
            self._when_blocked(self._put(job, head.reason, self._now()), head.queue.arn)
        elif job.blocked_since:
            self._put(job, None, None)

    def _unblock(self, heads: dict[str, Head]) -> None:
        """A job that only waits for room now, or stands no longer at the head, has no reason any more."""
        for arn, before in self._heads.items():
            head = heads.get(arn)
            is_still = head is not None and head.job.job_id == before.job.job_id and head.reason is not None
            job = self._book.get(before.job.job_id)
            if before.reason and not is_still and job is not None and job.status == "RUNNABLE":
                self._put(job, None, None)

    def _put(self, job: Job, reason: str | None, since: int | None) -> Job:
        return self._book.put(job.model_copy(update={"status_reason": reason, "blocked_since": since}))
