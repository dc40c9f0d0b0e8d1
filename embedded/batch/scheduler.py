"""Moves jobs from SUBMITTED to their end: dependencies, slots, attempts, retries.

One thread decides; each running attempt has a thread of its own. Nothing polls: the book's condition wakes
whoever waits, whenever a job or the catalog changes.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from embedded.batch.book import JobBook
from embedded.batch.catalog import Catalog
from embedded.batch.model import DEPENDENCY_FAILED, HOST_LOST, IN_FLIGHT, WAITING, Attempt, Job
from embedded.batch.retry import is_retried
from embedded.batch.slots import Start, Usage, never_fits, startable
from embedded.log_stream import now_ms
from embedded.supervision import StopSignal

TOO_LARGE = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job's vCPU exceed the queue's maxvCpus"

QUEUE_GONE = "The job queue was deleted"


class Runner(Protocol):
    """Runs one attempt of a job."""

    def run(
        self, job: Job, environment_arn: str, stop: StopSignal, on_running: Callable[..., Any]
    ) -> Attempt:
        """Run until the end; `on_running(log_stream=…, task_arn=…, started_at=…)` at its start."""


class Scheduler:
    """The one place that changes the status of jobs."""

    def __init__(self, book: JobBook, catalog: Catalog, runner: Runner, *, machine_memory: int) -> None:
        self._book = book
        self._catalog = catalog
        self._runner = runner
        self._machine_memory = machine_memory
        self._stops: dict[str, StopSignal] = {}
        self._places: dict[str, str] = {}
        self._closing = False

    def start(self) -> None:
        """End what was in flight when the server went away, and begin."""
        for job in self._book.active():
            if job.status in IN_FLIGHT:
                self._record(
                    job, Attempt(status_reason=HOST_LOST, started_at=job.started_at, stopped_at=now_ms())
                )
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
        """End a job that has not started; one that has goes on."""
        with self._book.changed:
            job = self._book.get(job_id)
            if job is not None and job.status in WAITING:
                self._fail(job, reason, is_cancelled=True)

    def terminate(self, job_id: str, reason: str) -> None:
        """End a job wherever it is."""
        with self._book.changed:
            job = self._book.get(job_id)
            if job is None or job.has_ended:
                return
            if job.status in WAITING:
                self._fail(job, reason, is_terminated=True)
            elif job.job_id in self._stops:
                self._book.put(job.model_copy(update={"is_terminated": True}))
                self._stops[job.job_id].stop(reason)

    def _decide_forever(self) -> None:
        with self._book.changed:
            while not self._closing:
                if not self._decide():
                    self._book.changed.wait()

    def _decide(self) -> bool:
        moved = [self._advance(job) for job in self._book.active()]
        starts = list(self._startable())
        for start in starts:
            self._begin(start)
        return any(moved) or bool(starts)

    def _advance(self, job: Job) -> bool:
        move = {
            "SUBMITTED": self._enter,
            "PENDING": self._look_at_dependencies,
            "RUNNABLE": self._look_at_queue,
        }
        return move[job.status](job) if job.status in move else False

    def _enter(self, job: Job) -> bool:
        self._book.put(job.model_copy(update={"status": "PENDING"}))
        return True

    def _look_at_dependencies(self, job: Job) -> bool:
        found = [self._book.get(job_id) for job_id in job.depends_on]
        if any(item is None or item.status == "FAILED" for item in found):
            self._fail(job, DEPENDENCY_FAILED)
            return True
        if any(item is not None and not item.has_ended for item in found):
            return False
        self._book.put(job.model_copy(update={"status": "RUNNABLE"}))
        return True

    def _look_at_queue(self, job: Job) -> bool:
        queues = {queue.arn: queue for queue in self._catalog.queues()}
        if job.queue_arn not in queues:
            self._fail(job, QUEUE_GONE)
            return True
        reason = TOO_LARGE if never_fits(queues[job.queue_arn], job) else None
        if reason != job.status_reason and (reason or job.status_reason == TOO_LARGE):
            self._book.put(job.model_copy(update={"status_reason": reason}))
            return True
        return False

    def _startable(self) -> Iterable[Start]:
        usage = Usage(self._machine_memory)
        active = self._book.active()
        for job in active:
            if job.job_id in self._places:
                usage.take(self._places[job.job_id], job)
        runnable = [job for job in active if job.status == "RUNNABLE"]
        return startable(self._catalog.queues(), runnable, usage)

    def _begin(self, start: Start) -> None:
        job = self._book.put(
            start.job.model_copy(update={"status": "STARTING", "status_reason": None, "log_stream": None})
        )
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

        attempt = self._runner.run(job, environment_arn, stop, on_running)
        with self._book.changed:
            self._places.pop(job.job_id, None)
            self._stops.pop(job.job_id, None)
            if not self._closing:
                self._record(self._book.get(job.job_id) or job, attempt)

    def _record(self, job: Job, attempt: Attempt) -> None:
        attempts = (*job.attempts, attempt)
        found: dict[str, Any] = {"attempts": attempts, "status_reason": attempt.status_reason}
        failed = attempt.exit_code != 0 or attempt.timed_out or attempt.terminated
        if failed and not job.is_terminated and is_retried(job.retry_strategy, attempt, len(attempts)):
            self._book.put(job.model_copy(update=found | {"status": "RUNNABLE", "started_at": None}))
            return
        ended = {"status": "FAILED" if failed else "SUCCEEDED", "stopped_at": attempt.stopped_at or now_ms()}
        self._book.put(job.model_copy(update=found | ended))

    def _fail(self, job: Job, reason: str, **flags: bool) -> None:
        ended = {"status": "FAILED", "status_reason": reason, "stopped_at": now_ms(), **flags}
        self._book.put(job.model_copy(update=ended))


def machine_memory() -> int:
    """This machine's memory in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
