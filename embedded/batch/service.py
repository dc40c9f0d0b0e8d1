"""Batch put together: its parts, and the table of its operations."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from embedded.api_error import ApiError
from embedded.authority import AccessDenied
from embedded.batch.book import JobBook
from embedded.batch.catalog import Catalog, Document
from embedded.batch.definitions import Definitions
from embedded.batch.environments import Environments
from embedded.batch.jobs import Jobs
from embedded.batch.model import Job
from embedded.batch.nodes import Runner
from embedded.batch.runner import JobCloud, ProcessRunner
from embedded.batch.scheduler import Scheduler, machine_memory
from embedded.batch.snapshot import Snapshots
from embedded.log_stream import now_ms
from embedded.service_events import Publish
from embedded.wire import Caller, Operation

_TO_ECS = {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}


class BatchCloud(JobCloud, Protocol):
    """What of the cloud Batch needs."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def account_id(self) -> str:
        """The account."""


class Batch:
    """The service: its state, its scheduler, and its operations by name."""

    def __init__(
        self,
        cloud: BatchCloud,
        publish: Publish,
        runner: Runner | None = None,
        *,
        now: Callable[[], int] = now_ms,
    ) -> None:
        """`runner` stands in for processes, and `now` (in milliseconds) for the clock, in tests."""
        self._cloud = cloud
        self._publish = publish
        folder = cloud.state_dir / "batch"
        self.catalog = Catalog(folder / "catalog.json", self._arn)
        self.book = JobBook(folder / "jobs", self._job_changed)
        runner = runner or ProcessRunner(cloud, folder / "work")
        self.scheduler = Scheduler(
            self.book,
            self.catalog,
            runner,
            machine_memory=machine_memory(),
            when_blocked=self._job_blocks,
            now=now,
        )
        self.environments = Environments(self.catalog)
        self.definitions = Definitions(self.catalog)
        self.jobs = Jobs(self.book, self.scheduler, self.catalog)
        self.snapshots = Snapshots(self.book, self.scheduler, self.catalog)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation that there is, by its name in the API."""
        environments, definitions, jobs = self.environments, self.definitions, self.jobs
        plain = {
            "CreateComputeEnvironment": environments.create_environment,
            "UpdateComputeEnvironment": environments.update_environment,
            "DescribeComputeEnvironments": environments.describe_environments,
            "DeleteComputeEnvironment": environments.delete_environment,
            "CreateJobQueue": environments.create_queue,
            "UpdateJobQueue": environments.update_queue,
            "DescribeJobQueues": environments.describe_queues,
            "DeleteJobQueue": environments.delete_queue,
            "CreateSchedulingPolicy": environments.create_policy,
            "UpdateSchedulingPolicy": environments.update_policy,
            "DescribeSchedulingPolicies": environments.describe_policies,
            "ListSchedulingPolicies": environments.list_policies,
            "DeleteSchedulingPolicy": environments.delete_policy,
            "DeregisterJobDefinition": definitions.deregister,
            "DescribeJobDefinitions": definitions.describe,
            "GetJobQueueSnapshot": self.snapshots.get,
            "SubmitJob": jobs.submit,
            "DescribeJobs": jobs.describe,
            "ListJobs": jobs.list,
            "CancelJob": jobs.cancel,
            "TerminateJob": jobs.terminate,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._list_tags,
        }
        found: dict[str, Operation] = {name: self._operation(run) for name, run in plain.items()}
        return found | {"RegisterJobDefinition": self._register}

    def _operation(self, run: Any) -> Operation:
        def operation(params: Document, _caller: Caller) -> Document:
            answer = run(params)
            self.scheduler.wake()
            return dict(answer)

        return operation

    def _register(self, params: Document, caller: Caller) -> Document:
        return self.definitions.register(params, lambda role: self._pass_role(caller, role))

    def _pass_role(self, caller: Caller, role: str) -> None:
        if caller.role_arn is None:
            return
        try:
            self._cloud.check(caller.role_arn, "iam:PassRole", role, context=_TO_ECS)
        except AccessDenied as error:
            raise ApiError("AccessDeniedException", str(error), 403) from error

    def _tag(self, params: Document) -> Document:
        self._change_tags(params["resourceArn"], lambda tags: {**tags, **params["tags"]})
        return {}

    def _untag(self, params: Document) -> Document:
        gone = set(params["tagKeys"])
        self._change_tags(
            params["resourceArn"], lambda tags: {k: v for k, v in tags.items() if k not in gone}
        )
        return {}

    def _list_tags(self, params: Document) -> Document:
        job = self._job_of(params["resourceArn"])
        return {"tags": job.tags if job else self.catalog.tagged(params["resourceArn"]).get("tags", {})}

    def _change_tags(self, arn: str, change: Any) -> None:
        with self.book.changed:
            job = self._job_of(arn)
            if job is not None:
                self.book.put(job.model_copy(update={"tags": change(job.tags)}))
                return
        self.catalog.tag(arn, change)

    def _job_of(self, arn: str) -> Job | None:
        return self.book.get(arn) if ":job/" in arn else None

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:batch:{self._cloud.region}:{self._cloud.account_id}:{kind}/{name}"

    def _job_changed(self, job: Job) -> None:
        self._publish("Batch Job State Change", self._told(job), [job.job_arn])

    def _job_blocks(self, job: Job, queue_arn: str) -> None:
        """Source: https://docs.aws.amazon.com/batch/latest/userguide/batch-job-queue-blocked-events.html"""
        self._publish("Batch Job Queue Blocked", self._told(job), [job.job_arn, queue_arn])

    def _told(self, job: Job) -> Document:
        """A job as its events tell of it: its ARN is among the tags, as in the examples of the user guide."""
        return self.jobs.detail(job) | {"tags": {"resourceArn": job.job_arn, **job.tags}}
