"""A deployed stage in memory: clients that answer from what a test put there."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from sluiceway.cli.stage import Stage, StageSettings
from tests.fakes.ledger import memory_ledger

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:"
SETTINGS = StageSettings(
    stage="dev",
    uploads_bucket="uploads",
    artifacts_bucket="artifacts",
    ledger_table="ledger",
    event_bus="events",
    run_pipeline_arn=f"{MACHINE}run_pipeline",
    deploy_model_arn=f"{MACHINE}deploy_model",
    build_image_arn=f"{MACHINE}build_image",
    export_metrics_arn=f"{MACHINE}export_metrics",
    step_log_group="/sluiceway/dev/steps",
    job_queue="arn:aws:batch:us-east-1:000000000000:job-queue/cpu",
    build_project="build",
    tracking_uri="http://127.0.0.1:5000",
    endpoint_prefix="sluiceway-dev",
    metrics_prefix="metrics",
    schedule_group="sluiceway-dev-projects",
)


class _Exceptions:
    ExecutionDoesNotExist = type("ExecutionDoesNotExist", (Exception,), {})
    ResourceNotFoundException = type("ResourceNotFoundException", (Exception,), {})
    ModelError = type("ModelError", (Exception,), {})


class FakeStepFunctions:
    """Histories by the name of the execution."""

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.histories: dict[str, list[dict[str, Any]]] = {}
        self.started: list[dict[str, Any]] = []
        self.outcomes: list[dict[str, Any]] = []

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, *, executionArn: str, **_: Any) -> list[dict[str, Any]]:  # noqa: N803
        name = executionArn.rpartition(":")[2]
        if name not in self.histories:
            raise _Exceptions.ExecutionDoesNotExist
        return [{"events": self.histories[name]}]

    def start_execution(self, **given: Any) -> dict[str, str]:
        self.started.append(given)
        return {"executionArn": "arn:execution"}

    def describe_execution(self, **_: Any) -> dict[str, Any]:
        return self.outcomes.pop(0)


class FakeBatch:
    """The jobs of one queue."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []

    def add(self, name: str, status: str = "RUNNING") -> None:
        number = len(self.jobs)
        job = {"jobId": f"job-{number}", "jobName": name, "status": status, "createdAt": number}
        self.jobs.append(job | {"container": {"logStreamName": f"stream-{name}"}})

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, *, filters: list[dict[str, Any]], **_: Any) -> list[dict[str, Any]]:
        prefix = filters[0]["values"][0].removesuffix("*")
        return [{"jobSummaryList": [job for job in self.jobs if job["jobName"].startswith(prefix)]}]

    def describe_jobs(self, *, jobs: list[str]) -> dict[str, Any]:
        return {"jobs": [job for job in self.jobs if job["jobId"] in jobs]}


class FakeLogs:
    """Lines by log stream; the forward token is the number of lines read."""

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}

    def get_log_events(self, *, logStreamName: str, nextToken: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803
        if logStreamName not in self.lines:
            raise _Exceptions.ResourceNotFoundException
        lines = self.lines[logStreamName]
        events = [{"timestamp": 0, "message": line} for line in lines[int(nextToken) :]]
        return {"events": events, "nextForwardToken": str(len(lines))}


class FakeS3:
    """What was put where."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        self.objects[Bucket, Key] = Body

    def upload_file(self, path: str, bucket: str, key: str, **_: Any) -> None:
        with open(path, "rb") as file:  # noqa: PTH123
            self.objects[bucket, key] = file.read()

    def get_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"Body": BytesIO(self.objects[Bucket, Key])}


class FakeEndpoints:
    """Echoes what it was sent."""

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def invoke_endpoint(self, **given: Any) -> dict[str, Any]:
        self.asked.append(given)
        return {"Body": BytesIO(b'{"predictions": [1]}')}


class FakeBus:
    """What was published, as the entries of PutEvents."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}


@dataclass
class FakeStage:
    """The stage, and the clients behind it; a test may add others to `clients`."""

    states: FakeStepFunctions = field(default_factory=FakeStepFunctions)
    batch: FakeBatch = field(default_factory=FakeBatch)
    logs: FakeLogs = field(default_factory=FakeLogs)
    s3: FakeS3 = field(default_factory=FakeS3)
    endpoints: FakeEndpoints = field(default_factory=FakeEndpoints)
    bus: FakeBus = field(default_factory=FakeBus)

    def __post_init__(self) -> None:
        self.clients: dict[str, Any] = {
            "stepfunctions": self.states,
            "batch": self.batch,
            "logs": self.logs,
            "s3": self.s3,
            "sagemaker-runtime": self.endpoints,
            "events": self.bus,
        }
        self.ledger = memory_ledger()
        self.stage = Stage(SETTINGS, self.ledger, self.clients.__getitem__)


def history(*events: tuple[str, str] | str) -> list[dict[str, Any]]:
    """Events a second apart: a type, or a type of `State…` and the name of its state."""
    return [_event(at, *([event] if isinstance(event, str) else event)) for at, event in enumerate(events)]


def _event(at: int, kind: str, name: str = "") -> dict[str, Any]:
    event: dict[str, Any] = {"type": kind, "timestamp": START + timedelta(seconds=at)}
    if kind.endswith("StateEntered"):
        event["stateEnteredEventDetails"] = {"name": name}
    if kind.endswith("StateExited"):
        event["stateExitedEventDetails"] = {"name": name}
    return event
