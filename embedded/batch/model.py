"""What Batch remembers of a job."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from embedded.record_book import Record

ACTIVE = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")
IN_FLIGHT = ("STARTING", "RUNNING")
WAITING = ("SUBMITTED", "PENDING", "RUNNABLE")
ENDED = ("SUCCEEDED", "FAILED")

ESSENTIAL_EXITED = "Essential container in task exited"
TIMED_OUT = "Job attempt duration exceeded timeout"
DEPENDENCY_FAILED = "Dependent Job failed"
CHILD_FAILED = "Array Child Job failed"
# The wording that AWS documents for a host that went away; retry rules match `Host EC2*`.
HOST_LOST = "Host EC2 (instance i-local) terminated."

SEQUENTIAL = "SEQUENTIAL"
N_TO_N = "N_TO_N"


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

    @property
    def has_failed(self) -> bool:
        """Whether its job has not succeeded with it."""
        return self.exit_code != 0 or self.timed_out or self.terminated


class Dependency(Record):
    """What a job waits for: a job, or (`SEQUENTIAL` without one) the array child before."""

    job_id: str | None = None
    type: str | None = None


def _dependency(value: Any) -> Any:
    """Jobs that were written down before there were types name ids alone."""
    return {"job_id": value} if isinstance(value, str) else value


class Job(Record):
    """A job: what it was submitted with, and how far it is. `container` is the API's container detail.

    An array job has a `size` and children with an `index`; a multi-node job has `nodes` (the API's
    `nodeProperties`) and children with a `node`. Children know their `parent`, whose id theirs begin with.
    """

    job_id: str
    job_arn: str
    name: str
    queue_arn: str
    definition_arn: str
    created_at: int
    order: int
    container: dict[str, Any] = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    retry_strategy: dict[str, Any] = Field(default_factory=dict)
    timeout_seconds: int | None = None
    depends_on: tuple[Annotated[Dependency, BeforeValidator(_dependency)], ...] = ()
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
    stop_reason: str | None = None
    blocked_since: int | None = None
    parent: str | None = None
    size: int | None = None
    index: int | None = None
    nodes: dict[str, Any] | None = None
    node: int | None = None
    node_count: int | None = None
    main_node: int | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the job is SUCCEEDED or FAILED."""
        return self.status in ENDED

    @property
    def is_array(self) -> bool:
        """Whether the job only stands for its children."""
        return self.size is not None

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the order of submission; children of an array stand in order of their index."""
        return self.order, self.index or 0

    @property
    def vcpus(self) -> float:
        """How many vCPU the job takes; all nodes of a multi-node job together."""
        return sum(float(amount(each, "VCPU") or 1) for each in self.containers)

    @property
    def memory(self) -> int:
        """How much memory the job takes, in MiB."""
        return int(sum(float(amount(each, "MEMORY") or 0) for each in self.containers))

    @property
    def gpus(self) -> int:
        """How many GPUs the job takes."""
        return int(sum(float(amount(each, "GPU") or 0) for each in self.containers))

    @property
    def containers(self) -> Sequence[Mapping[str, Any]]:
        """The container of each node; one for a job that has only one."""
        if self.nodes is None:
            return [self.container]
        return [container_of(self.nodes, index) for index in range(int(self.nodes["numNodes"]))]


def amount(container: Mapping[str, Any], kind: str) -> str | None:
    """How much of a resource (VCPU, MEMORY or GPU) a container requires."""
    found = (item for item in container.get("resourceRequirements", ()) if item["type"] == kind)
    return next((str(item["value"]) for item in found), None)


def container_of(nodes: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A node's container: of nested ranges the narrower one counts."""
    ranges = [item for item in nodes["nodeRangeProperties"] if index in node_range(item, nodes["numNodes"])]
    narrowest: Mapping[str, Any] = min(ranges, key=lambda item: len(node_range(item, nodes["numNodes"])))
    return dict(narrowest["container"])


def node_range(item: Mapping[str, Any], count: int) -> range:
    """The indices that `targetNodes` (`0:3`, `:3`, `4:` or `2`) means."""
    first, colon, last = str(item["targetNodes"]).partition(":")
    start = int(first or 0)
    return range(start, int(last) + 1 if last else count if colon else start + 1)
