"""`batch:submitJob` and `batch:submitJob.sync` in Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html
"""

import json
from typing import Any

from embedded.batch.book import JobBook
from embedded.integrations import TaskContext, TaskFailure
from embedded.service_task import CallingCloud, ServiceTask

SUBMIT = "arn:aws:states:::batch:submitJob"
SUBMIT_SYNC = f"{SUBMIT}.sync"


class SubmitJob:
    """Submits under the machine's role."""

    def __init__(self, cloud: CallingCloud, book: JobBook) -> None:
        self._book = book
        self._batch = ServiceTask(
            cloud=cloud,
            service="batch",
            prefix="Batch",
            errors=frozenset({"ClientException", "ServerException"}),
            rule="StepFunctionsGetEventsForBatchJobsRule",
        )

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Request and response: the result is SubmitJob's."""
        return self._batch.request("SubmitJob", arguments, context)

    def submit_and_wait(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Run a job: the result is its detail; a job that failed is `States.TaskFailed`."""
        self._batch.check_rule(context)
        job_id = self.submit(arguments, context)["JobId"]
        if not self._book.wait_unless(job_id, lambda job: job.has_ended, context.stopped):
            self._terminate(job_id, context)
        found = self._batch.ask("describe_jobs", context, jobs=[job_id])["jobs"][0]
        detail = self._batch.detail("JobDetail", found)
        if detail["Status"] == "FAILED":
            raise TaskFailure("States.TaskFailed", json.dumps(detail))
        return detail

    def _terminate(self, job_id: str, context: TaskContext) -> None:
        """Step Functions ends the job of a Task that nobody waits for any more."""
        reason = f"{context.execution_arn} was stopped or its task timed out"
        self._batch.ask("terminate_job", context, jobId=job_id, reason=reason)
        self._book.wait_for_end(job_id)
