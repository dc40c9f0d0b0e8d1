"""On which ARNs Batch's operations act, as IAM is asked about them.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Params = Mapping[str, Any]
Arn = Callable[[str, str], str]


def resources_of(arn: Arn, operation: str, params: Params) -> Sequence[str]:
    """The ARNs; none for operations that have no resource-level permissions."""
    finder = _FINDERS.get(operation)
    return [] if finder is None else finder(arn, params)


def _reference(arn: Arn, kind: str, reference: Any) -> str:
    text = str(reference or "*")
    return text if text.startswith("arn:") else arn(kind, text)


def _one(kind: str, member: str) -> Callable[[Arn, Params], Sequence[str]]:
    return lambda arn, params: [_reference(arn, kind, params.get(member))]


def _submit(arn: Arn, params: Params) -> Sequence[str]:
    return [
        _reference(arn, "job-definition", params.get("jobDefinition")),
        _reference(arn, "job-queue", params.get("jobQueue")),
    ]


def _queue(arn: Arn, params: Params) -> Sequence[str]:
    order = params.get("computeEnvironmentOrder", ())
    environments = [_reference(arn, "compute-environment", item.get("computeEnvironment")) for item in order]
    return [_reference(arn, "job-queue", params.get("jobQueue") or params.get("jobQueueName")), *environments]


_FINDERS: Mapping[str, Callable[[Arn, Params], Sequence[str]]] = {
    "SubmitJob": _submit,
    "CancelJob": _one("job", "jobId"),
    "TerminateJob": _one("job", "jobId"),
    "RegisterJobDefinition": _one("job-definition", "jobDefinitionName"),
    "DeregisterJobDefinition": _one("job-definition", "jobDefinition"),
    "CreateComputeEnvironment": _one("compute-environment", "computeEnvironmentName"),
    "UpdateComputeEnvironment": _one("compute-environment", "computeEnvironment"),
    "DeleteComputeEnvironment": _one("compute-environment", "computeEnvironment"),
    "CreateJobQueue": _queue,
    "UpdateJobQueue": _queue,
    "DeleteJobQueue": _one("job-queue", "jobQueue"),
    "GetJobQueueSnapshot": _one("job-queue", "jobQueue"),
    "CreateSchedulingPolicy": _one("scheduling-policy", "name"),
    "UpdateSchedulingPolicy": _one("scheduling-policy", "arn"),
    "DeleteSchedulingPolicy": _one("scheduling-policy", "arn"),
    "TagResource": _one("job", "resourceArn"),
    "UntagResource": _one("job", "resourceArn"),
    "ListTagsForResource": _one("job", "resourceArn"),
}
