"""Transform jobs as they are remembered, described and told of."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from embedded.sagemaker.records import Record, Table, Variant
from embedded.service_events import Publish

_EVENT = "SageMaker Transform Job State Change"
ENDED = frozenset({"Completed", "Failed", "Stopped"})


class JobRecord(Record):
    """A transform job, as it was asked for and as it went."""

    request: Mapping[str, Any]
    variant: Variant
    """What its containers run: the model, with the job's own environment."""
    status: str = "InProgress"
    reason: str | None = None
    modified: float
    started: float | None = None
    ended: float | None = None


class Jobs:
    """The records of jobs; every change is told."""

    def __init__(self, table: Table[JobRecord], publish: Publish) -> None:
        self.table = table
        self._publish = publish
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Callable[[], None]]] = {}

    def add(self, record: JobRecord) -> bool:
        """Keep a new job; False when its name is taken."""
        is_new = self.table.add(record)
        if is_new:
            self._tell(record)
        return is_new

    def change(self, name: str, **values: Any) -> None:
        """Change a job's record and tell of it."""
        record = self.table.change(name, **values)
        if record is not None:
            self._tell(record)

    def when_ended(self, name: str, tell: Callable[[], None]) -> None:
        """Call `tell` once a job has ended; at once if it has, or is not there."""
        with self._lock:
            record = self.table.get(name)
            if record is not None and record.status not in ENDED:
                self._waiting.setdefault(name, []).append(tell)
                return
        tell()

    def _tell(self, record: JobRecord) -> None:
        self._publish(_EVENT, _detail(record), [record.arn])
        if record.status in ENDED:
            with self._lock:
                waiting = self._waiting.pop(record.name, [])
            for tell in waiting:
                tell()


def describe(record: JobRecord) -> dict[str, Any]:
    """The members of DescribeTransformJob's answer."""
    return {
        **record.request,
        "TransformJobArn": record.arn,
        "TransformJobStatus": record.status,
        "FailureReason": record.reason,
        "CreationTime": record.created,
        "TransformStartTime": record.started,
        "TransformEndTime": record.ended,
    }


def summary(record: JobRecord) -> dict[str, Any]:
    """One line of ListTransformJobs's answer."""
    return {
        "TransformJobName": record.name,
        "TransformJobArn": record.arn,
        "CreationTime": record.created,
        "TransformEndTime": record.ended,
        "LastModifiedTime": record.modified,
        "TransformJobStatus": record.status,
        "FailureReason": record.reason,
    }


def _detail(record: JobRecord) -> Mapping[str, Any]:
    """The detail of the event: moments in milliseconds ("Events that Amazon SageMaker AI sends …")."""
    detail = describe(record) | {"Tags": dict(record.tags)}
    for name in ("CreationTime", "TransformStartTime", "TransformEndTime"):
        detail[name] = None if detail[name] is None else int(detail[name] * 1000)
    return {key: value for key, value in detail.items() if value is not None}
