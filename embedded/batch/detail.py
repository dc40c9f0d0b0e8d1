"""A job as DescribeJobs and ListJobs show it, which is also the detail of its events."""

from collections.abc import Mapping
from typing import Any

from embedded.batch import arrays
from embedded.batch.model import SEQUENTIAL, Attempt, Dependency, Job

Counts = Mapping[str, int]

_SUMMARY = (
    "jobArn",
    "jobId",
    "jobName",
    "createdAt",
    "startedAt",
    "stoppedAt",
    "status",
    "statusReason",
    "shareIdentifier",
    "jobDefinition",
)


def job_detail(job: Job, counts: Counts) -> dict[str, Any]:
    """The API's JobDetail; `counts` are how many children of an array job are in each status."""
    last = job.attempts[-1] if job.attempts and job.status not in ("STARTING", "RUNNING") else None
    detail = {
        "jobArn": job.job_arn,
        "jobName": job.name,
        "jobId": job.job_id,
        "jobQueue": job.queue_arn,
        "status": job.status,
        "statusReason": job.status_reason,
        "shareIdentifier": job.share_identifier,
        "schedulingPriority": job.scheduling_priority,
        "attempts": [_attempt(attempt) for attempt in job.attempts],
        "createdAt": job.created_at,
        "startedAt": job.started_at,
        "stoppedAt": job.stopped_at,
        "retryStrategy": job.retry_strategy or {"attempts": 1, "evaluateOnExit": []},
        "timeout": {"attemptDurationSeconds": job.timeout_seconds} if job.timeout_seconds else None,
        "dependsOn": [_dependency(item) for item in job.depends_on],
        "jobDefinition": job.definition_arn,
        "parameters": job.parameters,
        "container": job.container | _container_state(job, last) if job.container else None,
        "arrayProperties": _array(job, counts),
        "nodeProperties": job.nodes,
        "nodeDetails": _node(job),
        "tags": job.tags,
        "propagateTags": job.propagate_tags,
        "platformCapabilities": list(job.platform_capabilities),
        "eksAttempts": [],
        "isCancelled": job.is_cancelled,
        "isTerminated": job.is_terminated,
    }
    return {key: value for key, value in detail.items() if value is not None}


def job_summary(job: Job, counts: Counts) -> dict[str, Any]:
    """The API's JobSummary."""
    detail = job_detail(job, counts)
    state = detail.get("container", {})
    found = {key: detail[key] for key in (*_SUMMARY, "arrayProperties") if key in detail}
    found["container"] = {key: state[key] for key in ("exitCode", "reason") if key in state}
    if job.node_count is not None:
        found["nodeProperties"] = {"numNodes": job.node_count} | (_node(job) or {})
    # These are "only present when the value is true".
    return found | {key: True for key in ("isCancelled", "isTerminated") if detail[key]}


def _dependency(item: Dependency) -> dict[str, str]:
    kind = item.type if item.job_id is not None else SEQUENTIAL
    found = {"jobId": item.job_id, "type": kind}
    return {key: value for key, value in found.items() if value is not None}


def _array(job: Job, counts: Counts) -> dict[str, Any] | None:
    if job.size is not None:
        return {"size": job.size, "statusSummary": arrays.summary(job, counts)}
    return None if job.index is None else {"index": job.index}


def _node(job: Job) -> dict[str, Any] | None:
    if job.node is None:
        return None
    return {"nodeIndex": job.node, "isMainNode": job.node == job.main_node}


def _container_state(job: Job, last: Attempt | None) -> dict[str, Any]:
    state: dict[str, Any] = {
        "logStreamName": last.log_stream if last else job.log_stream,
        "taskArn": last.task_arn if last else job.task_arn,
        "exitCode": last.exit_code if last else None,
        "reason": last.reason if last else None,
        "networkInterfaces": [],
    }
    return {key: value for key, value in state.items() if value is not None}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    container: dict[str, Any] = {
        "exitCode": attempt.exit_code,
        "reason": attempt.reason,
        "logStreamName": attempt.log_stream,
        "taskArn": attempt.task_arn,
        "networkInterfaces": [],
    }
    detail = {
        "container": {key: value for key, value in container.items() if value is not None},
        "startedAt": attempt.started_at,
        "stoppedAt": attempt.stopped_at,
        "statusReason": attempt.status_reason,
    }
    return {key: value for key, value in detail.items() if value is not None}
