"""Uploads, datasets, the bus and runs in memory: what happens between an upload and a started run."""

from datetime import datetime, timedelta
from itertools import count

from sluiceway.clock import timestamp
from sluiceway.contract import Contract
from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.settle_dataset import Settling, settle_dataset
from sluiceway.gateways.ledger import EventRecord, RunRecord
from sluiceway.triggers.collect_uploads import collect_upload
from sluiceway.triggers.collection import Collection
from sluiceway.triggers.contracts import CodePushed, DatasetVersioned, RunStatus
from sluiceway.triggers.decide import Cause
from sluiceway.triggers.request_runs import Requesting, request_runs
from sluiceway.triggers.uploads import Upload
from tests.fakes.events import MemoryEvents
from tests.fakes.executions import MemoryExecutions
from tests.fakes.ledger import memory_ledger
from tests.fakes.objects import MemoryObjects
from tests.fakes.queues import MemoryQueue
from tests.fakes.samples import AT, project_files, zipped

SETTLE = 30
"""seconds: the stage's settle time"""
QUIET = 60
"""seconds in which every dataset settles of which no project says another time"""
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:run_pipeline"


class World:
    """The three use cases on one set of fakes. Nothing moves unless a test delivers it."""

    def __init__(self) -> None:
        self.ledger = memory_ledger()
        self.objects = MemoryObjects()
        self.events = MemoryEvents()
        self.queue = MemoryQueue()
        self.executions = MemoryExecutions()
        self.time = datetime.fromisoformat(AT)
        self._sequence = count(1)
        self._settled = 0

    def now(self) -> str:
        """The time, which stands still but for what tests let pass."""
        return timestamp(self.time)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)

    def upload(self, key: str, body: bytes) -> Upload:
        """Put an object; returns its event, not yet delivered."""
        self.objects.put("uploads", key, body)
        version = self.objects.versions["uploads", key][-1]
        number = next(self._sequence)
        return Upload(
            event_id=f"upload-{number}",
            bucket="uploads",
            key=key,
            version_id=version.version_id,
            size=len(body),
            order=f"{number:04d}",
        )

    def push_code(self, project: str = "flight-delay", **changes: str | None) -> Upload:
        """Upload a project, valid unless changed."""
        return self.upload(f"code/{project}/push.zip", zipped(project_files(**changes)))

    def push_data(self, body: bytes = b"rows", path: str = "jan.parquet") -> Upload:
        """Upload an object of the dataset flights."""
        return self.upload(f"data/flights/{path}", body)

    def delete(self, key: str) -> Upload:
        """Delete an object, under a marker; returns its event, not yet delivered."""
        self.objects.delete("uploads", key)
        version = self.objects.versions["uploads", key][-1]
        number = next(self._sequence)
        return Upload(
            event_id=f"upload-{number}",
            bucket="uploads",
            key=key,
            version_id=version.version_id,
            size=0,
            order=f"{number:04d}",
            deleted=True,
        )

    def collect(self, upload: Upload) -> EventRecord:
        """Deliver an upload's event."""
        return collect_upload(upload, self.collection())

    def collection(self) -> Collection:
        """The outside world of `collect_uploads`."""
        return Collection(
            ledger=self.ledger,
            objects=self.objects,
            events=self.events,
            settle_queue=self.queue,
            artifacts_bucket="artifacts",
            settle_seconds=SETTLE,
            now=self.now,
        )

    def settle(self, message: Contract, *, after: float = QUIET) -> EventRecord:
        """Deliver a message of the settle queue, after so many seconds in which nothing happened."""
        assert isinstance(message, SettleDatasetInput)
        self.wait(0 if message.at_once else after)
        return settle_dataset(message, self.settling())

    def settling(self) -> Settling:
        """The outside world of `settle_dataset`."""
        return Settling(
            ledger=self.ledger,
            objects=self.objects,
            events=self.events,
            settle_queue=self.queue,
            uploads_bucket="uploads",
            artifacts_bucket="artifacts",
            settle_seconds=SETTLE,
            now=self.now,
        )

    def settle_all(self) -> list[str]:
        """Deliver every message of the settle queue that was not delivered, and those that follow; outcomes.

        A message that fails stays delivered: a test delivers it again.
        """
        outcomes = []
        while self._settled < len(self.queue.sent):
            self._settled += 1
            outcomes.append(self.settle(self.queue.sent[self._settled - 1][0]).outcome)
        return outcomes

    def request(self, event: Contract) -> list[EventRecord]:
        """Deliver an event of the bus."""
        assert isinstance(event, Cause)
        return request_runs(
            event,
            Requesting(
                ledger=self.ledger,
                events=self.events,
                executions=self.executions,
                run_pipeline_arn=MACHINE,
                now=self.now,
            ),
        )

    def deliver(self, upload: Upload) -> list[EventRecord]:
        """An upload and everything that follows from it, each delivered once; the decisions about runs."""
        seen = len(self.events.published)
        self.collect(upload)
        self.settle_all()
        causes = [e for e in self.events.published[seen:] if isinstance(e, CodePushed | DatasetVersioned)]
        return [record for cause in causes for record in self.request(cause)]

    def started(self) -> RunRecord:
        """The only run there is, after code and data were delivered."""
        self.deliver(self.push_code())
        self.deliver(self.push_data())
        (run,) = self.ledger.runs()
        return run

    def finish(self, run: RunRecord, status: RunStatus) -> None:
        """The state machine is done."""
        self.ledger.finish_run(run.run_id, status, reason="r", owner="finish_run", at=AT)
