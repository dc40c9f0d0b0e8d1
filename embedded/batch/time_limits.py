"""What a queue does with a job that blocks it for too long: `jobStateTimeLimitActions`.

Source: https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_time_limit_actions.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from embedded.batch.catalog import invalid
from embedded.batch.model import Job

CANCELED = "Canceled by JobStateTimeLimit action due to reason: {}"
REASONS = (
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    "MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED",
)
_SECONDS = (600, 86_400)

Limit = Mapping[str, Any]


def check(limits: Sequence[Limit]) -> None:
    """Raise ClientException for an action that Batch does not have for compute environments."""
    for limit in limits:
        if limit["state"] != "RUNNABLE" or limit["action"] != "CANCEL":
            raise invalid("jobStateTimeLimitActions: the state must be RUNNABLE and the action CANCEL")
        if limit["reason"] not in REASONS:
            raise invalid(
                f"jobStateTimeLimitActions: reason {limit['reason']} is none of {', '.join(REASONS)}"
            )
        if not _SECONDS[0] <= limit["maxTimeSeconds"] <= _SECONDS[1]:
            raise invalid(
                f"jobStateTimeLimitActions: maxTimeSeconds must be between {_SECONDS[0]} and {_SECONDS[1]}"
            )


def deadline(job: Job, reason: str, limits: Sequence[Limit]) -> int | None:
    """When (in milliseconds since 1970) a job that blocks its queue is canceled, if ever."""
    found = [
        (job.blocked_since or 0) + 1000 * int(limit["maxTimeSeconds"])
        for limit in limits
        if code_of(reason) == limit["reason"]
    ]
    return min(found, default=None)


def code_of(reason: str) -> str:
    """What comes before the explanation."""
    return reason.partition(" - ")[0]
