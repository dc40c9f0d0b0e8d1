"""`sagemaker:createTransformJob(.sync)` and the hosting operations as Tasks of Step Functions.

Source: "Create and manage Amazon SageMaker AI jobs with Step Functions". Each call is made under the
machine's role, which for `.sync` needs `sagemaker:DescribeTransformJob` and `StopTransformJob` besides, and
the managed rule by which Step Functions learns of an end.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from embedded.integrations import Run, TaskContext, TaskFailure
from embedded.sagemaker.transform.jobs import Jobs
from embedded.service_task import ServiceTask
from embedded.stepfunctions.integrations.calling import CallingCloud, Calls
from embedded.stepfunctions.integrations.failures import OptimisedNames

PREFIX = "arn:aws:states:::sagemaker:"
TRANSFORM_SYNC = f"{PREFIX}createTransformJob.sync"

_REQUEST_RESPONSE = {
    "createTransformJob": "CreateTransformJob",
    "createModel": "CreateModel",
    "createEndpointConfig": "CreateEndpointConfig",
    "createEndpoint": "CreateEndpoint",
    "updateEndpoint": "UpdateEndpoint",
}


class SageMakerTasks:
    """Calls SageMaker under the machine's role; as a job, a transform job that is waited for."""

    def __init__(self, cloud: CallingCloud, jobs: Jobs) -> None:
        self._jobs = jobs
        self._task = ServiceTask(
            calls=Calls(cloud),
            names=OptimisedNames("sagemaker", "SageMaker", "AmazonSageMaker", "AmazonSageMakerException"),
            rule="StepFunctionsGetEventsForSageMakerTransformJobsRule",
        )

    def runs(self) -> dict[str, Run]:
        """The integrations that end with the call, by resource."""
        return {
            f"{PREFIX}{name}": partial(self._task.request, operation)
            for name, operation in _REQUEST_RESPONSE.items()
        }

    def submit(self, arguments: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """Start a job, whose end the machine's role must be allowed to hear of."""
        self._task.check_rule(context)
        self._task.request("CreateTransformJob", arguments, context)
        return {"TransformJobName": arguments["TransformJobName"]}

    def when_ended(self, submitted: dict[str, Any], tell: Callable[[], None]) -> None:
        """Call `tell` once the job has ended."""
        self._jobs.when_ended(submitted["TransformJobName"], tell)

    def result(self, submitted: dict[str, Any], context: TaskContext) -> dict[str, Any]:
        """The job's description; one that failed or was stopped is `States.TaskFailed`."""
        found = self._task.ask("DescribeTransformJob", context, **submitted)
        detail = self._task.detail("DescribeTransformJobResponse", found)
        if detail["TransformJobStatus"] != "Completed":
            raise TaskFailure("States.TaskFailed", json.dumps(detail))
        return detail

    def cancel(self, submitted: dict[str, Any], context: TaskContext) -> None:
        """Step Functions stops the job of a Task that nobody waits for any more."""
        self._task.ask("StopTransformJob", context, **submitted)
