"""`batch:submitJob` and `batch:submitJob.sync` in Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html
"""

import json
from collections.abc import Callable
from typing import Any

from embedded.batch.book import JobBook
from embedded.integrations import TaskContext, TaskFailure
from embedded.job_watch import JobWatch
from embedded.service_task import ServiceTask
from embedded.stepfunctions.integrations.calling import CallingCloud, Calls
from embedded.stepfunctions.integrations.failures import OptimisedNames

SUBMIT = "arn:aws:states:::batch:submitJob"
SUBMIT_SYNC = f"{SUBMIT}.sync"


class SubmitJob:
    """Submits under the machine's role."""

    def __init__(self, cloud: CallingCloud, book: JobBook) -> None:
        self._watch = JobWatch(book, lambda job: job.has_ended)
        self._batch = ServiceTask(
            calls=Calls(cloud),
            names=OptimisedNames("batch", "Batch", "AWSBatch", "AWSBatchException"),
            rule="StepFunctionsGetEventsForBatchJobsRule",
        )

    def request(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Request and response: the result is SubmitJob's."""
        return self._batch.request("SubmitJob", arguments, context)

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Start a job, whose end the machine's role must be allowed to hear of."""
        self._batch.check_rule(context)
        return self.request(arguments, context)

    def when_ended(self, submitted: dict[str, Any], tell: Callable[[], None]) -> None:
        """Call `tell` once the job has ended."""
        self._watch.when_ended(submitted["JobId"], tell)

    def result(self, submitted: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """The job's detail; a job that failed is `States.TaskFailed`."""
        found = self._batch.ask("DescribeJobs", context, jobs=[submitted["JobId"]])["jobs"]
        if not found:
            raise TaskFailure("States.TaskFailed", f"Job {submitted['JobId']} is not there any more")
        detail = self._batch.detail("JobDetail", found[0])
        if detail["Status"] == "FAILED":
            raise TaskFailure("States.TaskFailed", json.dumps(detail))
        return detail

    def cancel(self, submitted: dict[str, Any], context: TaskContext) -> None:
        """Step Functions ends the job of a Task that nobody waits for any more."""
        reason = f"{context.execution_arn} was stopped or its task timed out"
        self._batch.ask("TerminateJob", context, jobId=submitted["JobId"], reason=reason)
