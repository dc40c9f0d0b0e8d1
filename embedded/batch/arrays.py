"""Array jobs: their children, and what becomes of the parent.

Source: https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from embedded.batch.dependencies import of_children
from embedded.batch.model import CHILD_FAILED, ENDED, Job

STATUSES = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")


def child(parent: Job, index: int, now: int) -> Job:
    """A child as it is spawned: it waits only for what concerns its index."""
    job_id = f"{parent.job_id}:{index}"
    changes = {
        "job_id": job_id,
        "job_arn": f"{parent.job_arn}:{index}",
        "created_at": now,
        "depends_on": of_children(parent.depends_on),
        "status": "PENDING",
        "status_reason": None,
        "size": None,
        "index": index,
        "parent": parent.job_id,
    }
    return parent.model_copy(update=changes)


def summary(parent: Job, counts: Mapping[str, int]) -> dict[str, int]:
    """How many children are in each status; those that are not spawned yet are SUBMITTED."""
    found = Counter(counts)
    # A parent that ended before it spawned took its children along.
    found[parent.status if parent.has_ended else "SUBMITTED"] += (parent.size or 0) - found.total()
    return {status: found[status] for status in STATUSES}


def outcome(parent: Job, counts: Mapping[str, int], now: int) -> dict[str, Any] | None:
    """What the parent's end is once all children have ended; None before."""
    spawned, ended = sum(counts.values()), sum(counts.get(status, 0) for status in ENDED)
    is_stopped = parent.is_cancelled or parent.is_terminated
    if ended < spawned or (spawned < (parent.size or 0) and not is_stopped):
        return None
    if counts.get("SUCCEEDED", 0) == parent.size:
        return {"status": "SUCCEEDED", "status_reason": None, "stopped_at": now}
    return {"status": "FAILED", "status_reason": parent.stop_reason or CHILD_FAILED, "stopped_at": now}
