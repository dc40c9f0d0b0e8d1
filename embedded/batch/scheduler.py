"""Moves jobs from SUBMITTED to their end: dependencies, arrays, slots, attempts, retries.

One thread decides; each running attempt has a thread of its own. Nothing polls: the book's condition wakes
whoever waits, whenever a job or the catalog changes, or a time limit is reached.
"""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from embedded.batch import hosts
from embedded.batch.book import JobBook
from embedded.batch.catalog import Catalog
from embedded.batch.dispatch import Dispatch, WhenBlocked
from embedded.batch.lines import Lines
from embedded.batch.model import HOST_LOST, IN_FLIGHT, Attempt, Job
from embedded.batch.nodes import NodeRunner, Runner
from embedded.batch.retry import is_retried
from embedded.batch.slots import Start, Usage
from embedded.batch.waiting import Waiting
from embedded.log_stream import now_ms
from embedded.supervision import StopSignal

QUEUE_GONE = "The job queue was deleted"


class Scheduler:
    """The one place that changes the status of jobs."""

    def __init__(
        self,
        book: JobBook,
        catalog: Catalog,
        runner: Runner,
        *,
        machine_memory: int,
        when_blocked: WhenBlocked = lambda _job, _queue: None,
        now: Callable[[], int] = now_ms,
    ) -> None:
        """`when_blocked(job, queue's ARN)` is called when a job begins to block its queue; `now` in ms."""
        self._book = book
        self._catalog = catalog
        self._runner = runner
        self._nodes = NodeRunner(runner, book.get, self._put_node)
        self._machine_memory = machine_memory
        self._now = now
        self.lines = Lines(book, now)
        self._waiting = Waiting(book, self._fail, now)
        self._dispatch = Dispatch(book, self.lines, when_blocked, now)
        self._stops: dict[str, StopSignal] = {}
        self._places: dict[str, str] = {}
        self._reclaimed: set[str] = set()
        self._closing = False

    def start(self) -> None:
        """End what was in flight when the server went away, and begin."""
        with self._book.changed:
            for job in self._book.active(*IN_FLIGHT):
                lost = Attempt(status_reason=HOST_LOST, started_at=job.started_at, stopped_at=now_ms())
                self._record(job, lost) if job.node is None else self._end_node(job, lost)
            self._book.stir(job.job_id for job in self._book.active("SUBMITTED", "PENDING"))
        threading.Thread(target=self._decide_forever, name="batch scheduler", daemon=True).start()

    def wake(self) -> None:
        """Look again: the catalog has changed."""
        with self._book.changed:
            self._book.changed.notify_all()

    def close(self) -> None:
        """Start nothing more, and leave what runs as it is written: the next server finds it lost."""
        with self._book.changed:
            self._closing = True
            self._book.changed.notify_all()

    def submit(self, make: Callable[[int], Job]) -> Job:
        """Take a job in; `make` gets its place in the order."""
        with self._book.changed:
            return self._book.put(make(self._book.next_order()))

    def cancel(self, job_id: str, reason: str) -> None:
        """End a job that has not started, a PENDING one when what it waits for has ended; others go on."""
        with self._book.changed:
            job = self._book.get(job_id)
            if job is None or job.has_ended or job.status in IN_FLIGHT:
                return
            flagged = self._book.put(
                job.model_copy(update={"is_cancelled": True, "stop_reason": job.stop_reason or reason})
            )
            if job.is_array:
                self._each_child(job, self.cancel, reason)
            if job.status in ("SUBMITTED", "RUNNABLE"):
                self._fail(flagged, reason)
            self._book.stir([job_id])

    def terminate(self, job_id: str, reason: str) -> None:
        """End a job wherever it is."""
        with self._book.changed:
            job = self._book.get(job_id)
            if job is None or job.has_ended:
                return
            flagged = {"is_terminated": True, "stop_reason": job.stop_reason or reason}
            job = self._book.put(job.model_copy(update=flagged))
            if job.is_array:
                self._each_child(job, self.terminate, reason)
                self._book.stir([job_id])
            elif job.status not in IN_FLIGHT:
                self._fail(job, reason)
            elif job.job_id in self._stops:
                self._stops[job.job_id].stop(reason)

    def reclaim(self, job_id: str) -> None:
        """Take the host of a running job away, as Spot does."""
        with self._book.changed:
            if job_id in self._stops:
                self._reclaimed.add(job_id)
                self._stops[job_id].stop(HOST_LOST)

    def lack(self, environment: str, instance_type: str | None) -> None:
        """Have an environment find no instances of a type, or (None) find them again."""
        self._catalog.lack(environment, instance_type)
        self.wake()

    def places(self) -> Mapping[str, str]:
        """The compute environment of each job in flight, by id."""
        return dict(self._places)

    def _each_child(self, parent: Job, stop: Callable[[str, str], None], reason: str) -> None:
        for child in self._book.children(parent.job_id):
            stop(child.job_id, reason)

    def _decide_forever(self) -> None:
        with self._book.changed:
            while not self._closing:
                if not self._decide():
                    self._book.changed.wait(self._seconds_to_next_limit())

    def _seconds_to_next_limit(self) -> float | None:
        due = self._dispatch.next_limit
        return None if due is None else max(0.0, (due - self._now()) / 1000)

    def _decide(self) -> bool:
        moved = self._waiting.advance()
        queues = self._catalog.queues()
        gone = self._leave_queues({queue.arn for queue in queues})
        starts = self._dispatch.decide(queues, self._usage())
        for start in starts:
            self._begin(start)
        stuck = self._dispatch.overdue()
        for job, reason in stuck:
            self._fail(job, reason, is_cancelled=True)
        return moved or gone or bool(starts) or bool(stuck)

    def _leave_queues(self, known: set[str]) -> bool:
        """End what is in queues that were deleted, as Batch does; looked for only when one is gone."""
        gone = set(self._book.waiting_queues()) | {job.queue_arn for job in self._in_flight()}
        left = [job for job in self._book.active() if job.queue_arn in gone - known] if gone - known else []
        ended = [job for job in left if job.node is None and not job.is_terminated]
        for job in ended:
            self.terminate(job.job_id, QUEUE_GONE)
        return bool(ended)

    def _in_flight(self) -> list[Job]:
        return [job for job in map(self._book.get, self._places) if job is not None]

    def _usage(self) -> Usage:
        usage = Usage(self._machine_memory)
        for job in self._in_flight():
            usage.take(self._places[job.job_id], job)
        return usage

    def _begin(self, start: Start) -> None:
        changes = {"status": "STARTING", "status_reason": None, "blocked_since": None, "log_stream": None}
        job = self._book.put(start.job.model_copy(update=changes))
        self._places[job.job_id] = start.environment_arn
        stop = self._stops[job.job_id] = StopSignal()
        threading.Thread(
            target=self._attempt, args=(job, start.environment_arn, stop), name=f"job {job.name}", daemon=True
        ).start()

    def _attempt(self, job: Job, environment_arn: str, stop: StopSignal) -> None:
        def on_running(**found: Any) -> None:
            with self._book.changed:
                latest = self._book.get(job.job_id) or job
                self._book.put(latest.model_copy(update={"status": "RUNNING", **found}))

        runner = self._runner if job.nodes is None else self._nodes
        attempt = runner.run(job, environment_arn, stop, on_running)
        with self._book.changed:
            self._places.pop(job.job_id, None)
            self._stops.pop(job.job_id, None)
            attempt = self._seen_from_host(job, attempt)
            if not self._closing:
                self._record(self._book.get(job.job_id) or job, attempt)

    def _seen_from_host(self, job: Job, attempt: Attempt) -> Attempt:
        """The attempt as it is told of where its host was taken away."""
        if job.job_id not in self._reclaimed:
            return attempt
        self._reclaimed.discard(job.job_id)
        reason = hosts.lost(attempt.task_arn or "", is_fargate="FARGATE" in job.platform_capabilities)
        return attempt.model_copy(update={"status_reason": reason, "exit_code": None, "terminated": False})

    def _record(self, job: Job, attempt: Attempt) -> None:
        attempts = (*job.attempts, attempt)
        found: dict[str, Any] = {"attempts": attempts, "status_reason": attempt.status_reason}
        failed = attempt.has_failed
        if failed and not job.is_terminated and is_retried(job.retry_strategy, attempt, len(attempts)):
            self._book.put(job.model_copy(update=found | {"status": "RUNNABLE", "started_at": None}))
            return
        ended = {"status": "FAILED" if failed else "SUCCEEDED", "stopped_at": attempt.stopped_at or now_ms()}
        self._book.put(job.model_copy(update=found | ended))

    def _put_node(self, node: Job) -> None:
        with self._book.changed:
            if not self._closing:
                self._book.put(node)

    def _end_node(self, node: Job, attempt: Attempt) -> None:
        ended = {"status": "FAILED", "status_reason": attempt.status_reason, "stopped_at": attempt.stopped_at}
        self._book.put(node.model_copy(update=ended | {"attempts": (*node.attempts, attempt)}))

    def _fail(self, job: Job, reason: str, **flags: bool) -> None:
        ended = {"status": "FAILED", "status_reason": reason, "stopped_at": now_ms(), "blocked_since": None}
        self._book.put(job.model_copy(update=ended | flags))


def machine_memory() -> int:
    """This machine's memory in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
