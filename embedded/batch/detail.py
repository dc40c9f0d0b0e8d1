"""A job as DescribeJobs and ListJobs show it, which is also the detail of its events."""

from typing import Any

from embedded.batch.model import Attempt, Job


def job_detail(job: Job) -> dict[str, Any]:
    """The API's JobDetail."""
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
        "dependsOn": [{"jobId": job_id} for job_id in job.depends_on],
        "jobDefinition": job.definition_arn,
        "parameters": job.parameters,
        "container": job.container | _container_state(job, last),
        "tags": job.tags,
        "propagateTags": job.propagate_tags,
        "platformCapabilities": list(job.platform_capabilities),
        "eksAttempts": [],
        "isCancelled": job.is_cancelled,
        "isTerminated": job.is_terminated,
    }
    return {key: value for key, value in detail.items() if value is not None}


def job_summary(job: Job) -> dict[str, Any]:
    """The API's JobSummary."""
    detail = job_detail(job)
    names = ("jobArn", "jobId", "jobName", "createdAt", "startedAt", "stoppedAt", "status", "statusReason")
    container: dict[str, Any] = {
        key: detail["container"][key] for key in ("exitCode", "reason") if key in detail["container"]
    }
    found = {key: detail[key] for key in names if key in detail}
    return found | {"container": container, "jobDefinition": job.definition_arn}


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
