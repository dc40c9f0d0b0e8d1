"""Batch without processes: jobs run until the test ends them, on a clock that the test sets."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from embedded.batch.model import Attempt, Job
from embedded.batch.service import Batch
from embedded.log_stream import now_ms
from embedded.supervision import StopSignal
from embedded.wire import Caller
from tests.fakes.embedded_cloud import FakeCloud

CALLER = Caller("test", "arn:aws:iam::000000000000:root", "000000000000", "us-east-1")
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/env:1"


class FakeRunner:
    """Runs attempts that end when `end` is called, or when they are stopped."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self._codes: dict[str, int] = {}
        self._stops: dict[str, StopSignal] = {}
        self._changed = threading.Condition()
        self.code: int | None = None
        """If set, every attempt ends with it at once."""

    def run(
        self, job: Job, environment_arn: str, stop: StopSignal, on_running: Callable[..., Any]
    ) -> Attempt:
        task = f"arn:aws:ecs:::task/{job.job_id}/{len(job.attempts)}"
        with self._changed:
            self.started.append(job.job_id)
            self._stops[job.job_id] = stop
            self._changed.notify_all()
        on_running(started_at=now_ms(), task_arn=task, log_stream="s")
        code = self.code
        if code is None:
            stop.wait_for_stop(None)
            code = self._codes.pop(job.job_id, 143)
        reason = stop.reason if code == 143 else None
        return Attempt(
            status_reason=reason or "Essential container in task exited",
            exit_code=code,
            task_arn=task,
            started_at=now_ms(),
            stopped_at=now_ms(),
            terminated=reason is not None,
        )

    def end(self, job_id: str, code: int = 0) -> None:
        """End a running attempt by itself."""
        with self._changed:
            assert self._changed.wait_for(lambda: job_id in self._stops, 60), job_id
            self._codes[job_id] = code
            self._stops.pop(job_id).end()

    def wait(self, count: int) -> list[str]:
        """What has started, once it is so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.started) >= count, 60), self.started
            return list(self.started)


class BatchService:
    """Batch with one EC2 environment `ce`, one queue `q` and one definition `d`, called as the API is."""

    def __init__(self, state_dir: Path, *, max_vcpus: int = 4) -> None:
        self.now = 1_000_000_000
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.runner = FakeRunner()
        self.batch = Batch(FakeCloud(state_dir), self._note, self.runner, now=lambda: self.now)
        self.batch.scheduler.start()
        if not self.batch.catalog.all("job-queue"):
            self._prepare(max_vcpus)

    def _note(self, kind: str, detail: Any, _resources: Any) -> None:
        self.events.append((kind, dict(detail)))

    def _prepare(self, max_vcpus: int) -> None:
        self.environment("ce", maxvCpus=max_vcpus)
        self.queue("q")
        self.register("d")

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call of the API."""
        return dict(self.batch.operations[operation](params, CALLER) or {})

    def environment(self, name: str, **resources: Any) -> None:
        """A compute environment on EC2."""
        given = {"type": "EC2", "subnets": ["s"], "instanceTypes": ["optimal"], **resources}
        self.call(
            "CreateComputeEnvironment", computeEnvironmentName=name, type="MANAGED", computeResources=given
        )

    def queue(self, name: str, *, priority: int = 1, **more: Any) -> None:
        """A queue before `ce`."""
        order = [{"order": 1, "computeEnvironment": "ce"}]
        self.call(
            "CreateJobQueue", jobQueueName=name, priority=priority, computeEnvironmentOrder=order, **more
        )

    def register(self, name: str, **more: Any) -> None:
        """A definition of one vCPU."""
        container = {"image": IMAGE, "resourceRequirements": needs()}
        given = {"type": "container", "containerProperties": container, **more}
        self.call("RegisterJobDefinition", jobDefinitionName=name, **given)

    def submit(self, *, queue: str = "q", definition: str = "d", **more: Any) -> str:
        """A job's id."""
        params = {"jobName": "j", "jobQueue": queue, "jobDefinition": definition, **more}
        return str(self.call("SubmitJob", **params)["jobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        """What DescribeJobs says."""
        return dict(self.call("DescribeJobs", jobs=[job_id])["jobs"][0])

    def until(self, job_id: str, holds: Callable[[Job], bool]) -> dict[str, Any]:
        """What DescribeJobs says once something holds."""
        book = self.batch.book

        def found() -> bool:
            job = book.get(job_id)
            return job is not None and holds(job)

        with book.changed:
            assert book.changed.wait_for(found, 60), book.get(job_id)
        return self.job(job_id)

    def ended(self, job_id: str) -> dict[str, Any]:
        """What DescribeJobs says of a job that has ended."""
        return self.until(job_id, lambda job: job.has_ended)

    def close(self) -> None:
        """Decide nothing more."""
        self.batch.scheduler.close()


def needs(vcpus: str = "1", memory: str = "16", gpus: str = "") -> list[dict[str, str]]:
    """`resourceRequirements`."""
    found = [{"type": "VCPU", "value": vcpus}, {"type": "MEMORY", "value": memory}]
    return found + ([{"type": "GPU", "value": gpus}] if gpus else [])
