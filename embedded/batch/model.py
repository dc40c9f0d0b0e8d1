"""What Batch remembers of a job."""

from typing import Any

from pydantic import Field

from embedded.record_book import Record

ACTIVE = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")
IN_FLIGHT = ("STARTING", "RUNNING")
WAITING = ("SUBMITTED", "PENDING", "RUNNABLE")
ENDED = ("SUCCEEDED", "FAILED")

ESSENTIAL_EXITED = "Essential container in task exited"
TIMED_OUT = "Job attempt duration exceeded timeout"
DEPENDENCY_FAILED = "Dependent Job failed"
# The wording that AWS documents for a host that went away; retry rules match `Host EC2*`.
HOST_LOST = "Host EC2 (instance i-local) terminated."


class Attempt(Record):
    """One attempt that has ended. Times are milliseconds since 1970."""

    status_reason: str
    exit_code: int | None = None
    reason: str | None = None
    log_stream: str | None = None
    task_arn: str | None = None
    started_at: int | None = None
    stopped_at: int | None = None
    timed_out: bool = False
    terminated: bool = False


class Job(Record):
    """A job: what it was submitted with, and how far it is. `container` is the API's container detail."""

    job_id: str
    job_arn: str
    name: str
    queue_arn: str
    definition_arn: str
    created_at: int
    order: int
    container: dict[str, Any]
    parameters: dict[str, str] = Field(default_factory=dict)
    retry_strategy: dict[str, Any] = Field(default_factory=dict)
    timeout_seconds: int | None = None
    depends_on: tuple[str, ...] = ()
    tags: dict[str, str] = Field(default_factory=dict)
    share_identifier: str | None = None
    scheduling_priority: int | None = None
    propagate_tags: bool = False
    platform_capabilities: tuple[str, ...] = ()
    status: str = "SUBMITTED"
    status_reason: str | None = None
    attempts: tuple[Attempt, ...] = ()
    started_at: int | None = None
    stopped_at: int | None = None
    log_stream: str | None = None
    task_arn: str | None = None
    is_cancelled: bool = False
    is_terminated: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether the job is SUCCEEDED or FAILED."""
        return self.status in ENDED

    @property
    def vcpus(self) -> float:
        """How many vCPU the job takes."""
        return float(self._requirement("VCPU") or 1)

    @property
    def memory(self) -> int:
        """How much memory the job takes, in MiB."""
        return int(float(self._requirement("MEMORY") or 0))

    def _requirement(self, kind: str) -> str | None:
        found = (item for item in self.container.get("resourceRequirements", ()) if item["type"] == kind)
        return next((str(item["value"]) for item in found), None)
