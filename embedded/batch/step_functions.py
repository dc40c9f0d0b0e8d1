"""`batch:submitJob` and `batch:submitJob.sync` in Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html
"""

import json
from typing import Any, Protocol

from botocore.exceptions import ClientError

from embedded.authority import AccessDenied
from embedded.batch.book import JobBook
from embedded.integrations import TaskContext, TaskFailure
from embedded.shapes import service_model
from embedded.spelling import UnknownMemberError, from_pascal, to_pascal

SUBMIT = "arn:aws:states:::batch:submitJob"
SUBMIT_SYNC = f"{SUBMIT}.sync"
_RULE = "StepFunctionsGetEventsForBatchJobsRule"
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


class CallingCloud(Protocol):
    """What of the cloud an integration needs."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def account_id(self) -> str:
        """The account."""

    def client(self, service: str, *, role_arn: str | None = None, session_name: str = "service") -> Any:
        """A boto3 client under a role."""

    def check(self, role_arn: str, action: str, resource: str) -> None:
        """Raise unless a role may do something."""


class SubmitJob:
    """Submits under the machine's role; the calls go over the wire, and so through IAM."""

    def __init__(self, cloud: CallingCloud, book: JobBook) -> None:
        self._cloud = cloud
        self._book = book
        self._model = service_model("batch")

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Request and response: the result is SubmitJob's."""
        shape = self._model.operation_model("SubmitJob")
        try:
            params = from_pascal(shape.input_shape, arguments)
            answer = self._client(context).submit_job(**params)
        except UnknownMemberError as error:
            raise TaskFailure("States.Runtime", str(error)) from error
        except (ClientError, AccessDenied) as error:
            raise _failure(error) from error
        return dict(to_pascal(shape.output_shape, answer))

    def submit_and_wait(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Run a job: the result is its detail; a job that failed is `States.TaskFailed`."""
        self._check_rule(context)
        job_id = self.submit(arguments, context)["JobId"]
        if not self._book.wait_unless(job_id, lambda job: job.has_ended, context.stopped):
            self._terminate(job_id, context)
        detail = self._describe(job_id, context)
        if detail["Status"] == "FAILED":
            raise TaskFailure("States.TaskFailed", json.dumps(detail))
        return detail

    def _terminate(self, job_id: str, context: TaskContext) -> None:
        """Step Functions ends the job of a Task that nobody waits for any more."""
        reason = f"{context.execution_arn} was stopped or its task timed out"
        try:
            self._client(context).terminate_job(jobId=job_id, reason=reason)
        except (ClientError, AccessDenied) as error:
            raise _failure(error) from error
        self._book.wait_for_end(job_id)

    def _describe(self, job_id: str, context: TaskContext) -> dict[str, Any]:
        try:
            found = self._client(context).describe_jobs(jobs=[job_id])["jobs"][0]
        except (ClientError, AccessDenied) as error:
            raise _failure(error) from error
        return dict(to_pascal(self._model.shape_for("JobDetail"), found))

    def _client(self, context: TaskContext) -> Any:
        session = context.execution_arn.rpartition(":")[2]
        return self._cloud.client("batch", role_arn=context.role_arn, session_name=session[:64])

    def _check_rule(self, context: TaskContext) -> None:
        # Step Functions learns of a job's end by a rule that it makes with the machine's role.
        arn = f"arn:aws:events:{self._cloud.region}:{self._cloud.account_id}:rule/{_RULE}"
        try:
            for action in _RULE_ACTIONS:
                self._cloud.check(context.role_arn, action, arn)
        except AccessDenied as error:
            raise _failure(error) from error


def _failure(error: Exception) -> TaskFailure:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    name = code if code in ("ClientException", "ServerException") else "AWSBatchException"
    return TaskFailure(f"Batch.{name}", str(error))
