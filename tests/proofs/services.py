"""S3, EventBridge, SQS and Step Functions of the simulated cloud: what they take becomes messages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sluiceway.clock import timestamp
from sluiceway.contract import Contract
from sluiceway.datasets.contracts import ObjectVersion, SettleDatasetInput
from sluiceway.gateways.executions import execution_arn
from sluiceway.triggers.contracts import RunFinished, RunPipelineInput
from sluiceway.triggers.decide import Cause
from tests.fakes.objects import MemoryObjects

if TYPE_CHECKING:
    from tests.proofs.cloud import SimulatedCloud

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES_KEPT = 90 * 86400.0
"""seconds after its end for which Step Functions remembers an execution's name"""


def moment(seconds: float) -> str:
    """A time of the true clock, as the ledger writes it."""
    return timestamp(START + timedelta(seconds=seconds))


@dataclass
class Message:
    """Something that will be delivered at least once."""

    number: int
    channel: str
    body: Any
    due: float
    """Seconds of the true clock."""


class TimedObjects(MemoryObjects):
    """Buckets on the true clock, which S3 tells to the second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock

    def _add(self, bucket: str, key: str, **given: Any) -> ObjectVersion:
        made = super()._add(bucket, key, **given)
        number = len(self.versions[bucket, key])
        modified = START + timedelta(seconds=int(self._clock()))
        version = ObjectVersion(**{**vars(made), "version_id": f"v{number}", "last_modified": modified})
        if (bucket, key, made.version_id) in self.bodies:
            self.bodies[bucket, key, version.version_id] = self.bodies.pop((bucket, key, made.version_id))
        self.versions[bucket, key][-1] = version
        return version

    def put(self, bucket: str, key: str, body: bytes, **more: Any) -> None:
        """As in S3, a version's id comes with its body."""
        etag = hashlib.md5(body).hexdigest()
        version = self._add(bucket, key, size=len(body), etag=etag)
        self.bodies[bucket, key, version.version_id] = body


class Bus:
    """EventBridge: what may ask for a run is delivered to `request_runs`."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud

    def publish(self, event: Contract) -> None:
        self._cloud.invariants.published(event)
        self._cloud.told[self._cloud.name_of(event)] = event
        if isinstance(event, Cause):
            self._cloud.send("bus", event)
        if isinstance(event, RunFinished):
            self._cloud.send("finished", event)


class SettleQueue:
    """The settle queue, whose messages wait."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud

    def send(self, message: Contract, *, delay: int = 0) -> None:
        assert isinstance(message, SettleDatasetInput)
        self._cloud.send("settle", message, delay=delay)


class Pipelines:
    """Step Functions: a name is taken until 90 days after its execution's end."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud

    def start(self, machine_arn: str, name: str, given: Contract) -> str:
        cloud = self._cloud
        known = cloud.starts.setdefault(name, [])
        forgotten = name in cloud.ended and cloud.clock - cloud.ended[name] > NAMES_KEPT
        if not known or forgotten:
            assert isinstance(given, RunPipelineInput)
            known.append(given)
            cloud.ended.pop(name, None)
            cloud.invariants.started(name, given)
            cloud.send("execution", given.run_id)
        return execution_arn(machine_arn, name)

    def stop(self, machine_arn: str, name: str, *, error: str, cause: str) -> None:
        """It goes no further, and a rule tells of its end; a task that runs may run to its end."""
        cloud = self._cloud
        if name in cloud.starts and name not in cloud.ended:
            cloud.ended[name] = cloud.clock
            for waiting in (cloud.pending, cloud.dropped):
                for message in [each for each in waiting.values() if each.channel == "execution"]:
                    if message.body == name:
                        waiting.pop(message.number)
            cloud.send("stopped", name)
