"""GetJobQueueSnapshot: which jobs are next, and what the queue uses.

Source: https://docs.aws.amazon.com/batch/latest/APIReference/API_GetJobQueueSnapshot.html
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from embedded.batch.book import JobBook
from embedded.batch.catalog import QUEUES, Catalog, Document
from embedded.batch.scheduler import Scheduler
from embedded.log_stream import now_ms

_TOP_SHARES = 20


class Snapshots:
    """What a queue looks like now."""

    def __init__(self, book: JobBook, scheduler: Scheduler, catalog: Catalog) -> None:
        self._book = book
        self._scheduler = scheduler
        self._catalog = catalog

    def get(self, params: Document) -> Document:
        """GetJobQueueSnapshot."""
        queue = self._catalog.get(QUEUES, params["jobQueue"])
        now = now_ms()
        jobs = self._scheduler.lines.front(queue["jobQueueArn"])
        use: Document = self._use(queue) | {"lastUpdatedAt": now}
        return {"frontOfQueue": {"jobs": jobs, "lastUpdatedAt": now}, "queueUtilization": use}

    def _use(self, queue: Document) -> Document:
        arn = queue["jobQueueArn"]
        found = (self._book.get(job_id) for job_id in self._scheduler.places())
        used: Counter[str] = Counter()
        for job in found:
            if job is not None and job.queue_arn == arn:
                used[job.share_identifier or ""] += job.vcpus  # type: ignore[assignment]
        total: Document = {"totalCapacityUsage": _vcpus(sum(used.values()))}
        return total | ({"fairshareUtilization": _shares(used)} if queue.get("schedulingPolicyArn") else {})


def _shares(used: Mapping[str, float]) -> dict[str, Any]:
    top = sorted(used.items(), key=lambda item: -item[1])[:_TOP_SHARES]
    shares = [{"shareIdentifier": share, "capacityUsage": _vcpus(vcpus)} for share, vcpus in top]
    return {"activeShareCount": len(used), "topCapacityUtilization": shares}


def _vcpus(quantity: float) -> list[dict[str, Any]]:
    return [{"capacityUnit": "VCPU", "quantity": float(quantity)}]
