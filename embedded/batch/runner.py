"""One attempt of a job as a process, with the roles, image, logs and variables of a container."""

import logging
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.batch import nodes
from embedded.batch.gpus import gpu_variables
from embedded.batch.model import ESSENTIAL_EXITED, TIMED_OUT, Attempt, Job
from embedded.batch.secrets import SecretError, secret_values
from embedded.images.image import ProcessImage
from embedded.images.registry import ImageNotFoundError, parse_reference
from embedded.images.resolve import resolve
from embedded.log_stream import LogStream, now_ms
from embedded.supervision import GRACE_SECONDS, Ending, ProcessCloud, StopSignal, supervise

logger = logging.getLogger(__name__)

DEFAULT_LOG_GROUP = "/aws/batch/job"
TASKS = "ecs-tasks.amazonaws.com"
UNASSUMED = (
    "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the "
    "role being passed has the proper trust relationship and permissions and that your IAM user has "
    "permissions to pass this role."
)
PULL_ACTIONS = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")


class JobCloud(ProcessCloud, Protocol):
    """What of the cloud an attempt needs."""

    def check(
        self, role_arn: str, action: str, resource: str, *, context: Mapping[str, Any] | None = None
    ) -> None:
        """Raise unless a role may do something."""


class StartError(Exception):
    """An attempt that did not start; the message is what ECS says."""


@dataclass(frozen=True)
class _Task:
    """What an attempt is known by."""

    job: Job
    task_id: str
    environment_arn: str

    @property
    def arn(self) -> str:
        _, _, _, region, account, _ = self.job.job_arn.split(":", 5)
        cluster = f"AWSBatch-{self.environment_arn.rpartition('/')[2]}"
        return f"arn:aws:ecs:{region}:{account}:task/{cluster}/{self.task_id}"

    @property
    def session(self) -> str:
        """The name of the job role's session; a child's id holds characters that it may not have."""
        return re.sub(r"[^\w+=,.@-]", "-", self.job.job_id)


class ProcessRunner:
    """Runs attempts; a `Runner` for the scheduler."""

    def __init__(self, cloud: JobCloud, work_dir: Path, *, grace: float = GRACE_SECONDS) -> None:
        """`work_dir` holds one folder for each running attempt; `grace` is in seconds."""
        self._cloud = cloud
        self._work_dir = work_dir
        self._grace = grace
        shutil.rmtree(work_dir, ignore_errors=True)

    def run(
        self, job: Job, environment_arn: str, stop: StopSignal, on_running: Callable[..., Any]
    ) -> Attempt:
        """Run one attempt to its end. Never raises: what goes wrong is in the attempt."""
        task = _Task(job, uuid.uuid4().hex, environment_arn)
        folder = self._work_dir / task.task_id
        try:
            return self._run(task, folder, stop, on_running)
        except StartError as error:
            return Attempt(
                status_reason=str(error), reason=str(error), task_arn=task.arn, stopped_at=now_ms()
            )
        except Exception as error:
            logger.exception("job %s: its attempt broke off", job.job_id)
            return Attempt(status_reason=f"{type(error).__name__}: {error}", stopped_at=now_ms())
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, task: _Task, folder: Path, stop: StopSignal, on_running: Callable[..., Any]) -> Attempt:
        image = self._pull(task).instance(folder)
        lines = self._open_log(task)
        try:
            process = self._start(task, image)
            started = now_ms()
            on_running(log_stream=lines.name, task_arn=task.arn, started_at=started)
            timeout = task.job.timeout_seconds
            ending = supervise(process, on_line=lines.write, stop=stop, timeout=timeout, grace=self._grace)
        finally:
            lines.close()
        return _attempt(task, lines, started, ending)

    def _start(self, task: _Task, image: ProcessImage) -> Any:
        image.workdir.mkdir(parents=True, exist_ok=True)
        environment = self._environment(task, image)
        try:
            command = image.command(task.job.container["command"])
            return self._cloud.spawn(command, env=environment, cwd=image.workdir, stdout=-1)
        except (OSError, ValueError) as error:
            raise StartError(f"CannotStartContainerError: {error}") from error

    def _environment(self, task: _Task, image: ProcessImage) -> dict[str, str]:
        job = task.job
        given = {item["name"]: item.get("value", "") for item in job.container["environment"]}
        batch = {
            "AWS_BATCH_JOB_ID": job.job_id,
            "AWS_BATCH_JOB_ATTEMPT": str(len(job.attempts) + 1),
            "AWS_BATCH_JQ_NAME": job.queue_arn.rpartition("/")[2],
            "AWS_BATCH_CE_NAME": task.environment_arn.rpartition("/")[2],
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if job.index is not None:
            batch["AWS_BATCH_JOB_ARRAY_INDEX"] = str(job.index)
        told = batch | nodes.variables(job) | gpu_variables(job)
        child = dict(self._cloud.child_environment)
        return child | image.environment() | given | self._secrets(task) | told | self._credentials(task)

    def _secrets(self, task: _Task) -> dict[str, str]:
        role, secrets = task.job.container.get("executionRoleArn"), task.job.container.get("secrets") or ()

        def client(service: str) -> Any:
            return self._cloud.client(
                service, role_arn=role, session_name=task.task_id, on_behalf_of=TASKS, source_arn=task.arn
            )

        try:
            return secret_values(secrets, client)
        except SecretError as error:
            raise StartError(str(error)) from error

    def _credentials(self, task: _Task) -> dict[str, str]:
        role = task.job.container.get("jobRoleArn")
        try:
            if role is None:
                return {}
            return self._cloud.credentials(role, task.session, service=TASKS, source_arn=task.arn)
        except AccessDenied as error:
            raise StartError(UNASSUMED.format(role=role)) from error

    def _pull(self, task: _Task) -> ProcessImage:
        uri, role = task.job.container["image"], task.job.container.get("executionRoleArn")
        try:
            reference = parse_reference(uri)
            self._check_trust(role, task)
            self._check_pull(role, reference.repository_arn)
            return resolve(self._cloud, uri)
        except AccessDenied as error:
            raise StartError(
                f"ResourceInitializationError: unable to pull secrets or registry auth: {error}"
            ) from error
        except ImageNotFoundError as error:
            raise StartError(f"CannotPullContainerError: {error}") from error

    def _check_trust(self, role: str | None, task: _Task) -> None:
        try:
            if role is not None:
                self._cloud.credentials(role, task.task_id, service=TASKS, source_arn=task.arn)
        except AccessDenied as error:
            raise StartError(UNASSUMED.format(role=role)) from error

    def _check_pull(self, role: str | None, repository_arn: str) -> None:
        if role is None:
            return
        self._cloud.check(role, "ecr:GetAuthorizationToken", "*")
        for action in PULL_ACTIONS:
            self._cloud.check(role, action, repository_arn)

    def _open_log(self, task: _Task) -> LogStream:
        options = (task.job.container.get("logConfiguration") or {}).get("options") or {}
        group = options.get("awslogs-group", DEFAULT_LOG_GROUP)
        name = task.job.definition_arn.rpartition("/")[2].partition(":")[0]
        stream = f"{options.get('awslogs-stream-prefix', name)}/default/{task.task_id}"
        role = task.job.container.get("executionRoleArn")
        try:
            logs = self._cloud.client(
                "logs", role_arn=role, session_name=task.task_id, on_behalf_of=TASKS, source_arn=task.arn
            )
            if options.get("awslogs-create-group") == "true":
                _create_group(logs, group)
            return LogStream(logs, group, stream).open()
        except (ClientError, AccessDenied) as error:
            raise StartError(
                "ResourceInitializationError: failed to validate logger args: create stream has been retried "
                f"1 times: failed to create Cloudwatch log stream: {error}"
            ) from error


def _create_group(logs: Any, group: str) -> None:
    try:
        logs.create_log_group(logGroupName=group)
    except logs.exceptions.ResourceAlreadyExistsException:
        logger.debug("group %s exists already", group)


def _attempt(task: _Task, lines: LogStream, started: int, ending: Ending) -> Attempt:
    reason = TIMED_OUT if ending.timed_out else ending.stopped or ESSENTIAL_EXITED
    return Attempt(
        status_reason=reason,
        exit_code=ending.exit_code,
        log_stream=lines.name,
        task_arn=task.arn,
        started_at=started,
        stopped_at=now_ms(),
        timed_out=ending.timed_out,
        terminated=ending.stopped is not None,
    )
