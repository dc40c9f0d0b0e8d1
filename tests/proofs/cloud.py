"""The triggers' world on fakes that behave as AWS does: messages come at least once, in any order, and late.

`SimulatedCloud` runs the product's use cases (`tests.fakes.world`) in workers. What is uploaded, published or
started becomes a message; a message goes when a worker has worked it off without an error.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sluiceway.contract import Contract
from sluiceway.datasets.contracts import SettleDatasetInput
from sluiceway.datasets.settle_dataset import settle_dataset
from sluiceway.errors import TransientError
from sluiceway.gateways.ledger import Ledger, RunFacts
from sluiceway.schedules.resume_schedule import resume_schedule
from sluiceway.training.contracts import FailRunInput, FinishRunInput
from sluiceway.training.fail_run import fail_run
from sluiceway.training.finish_run import finish_run
from sluiceway.triggers.contracts import RunFinished
from sluiceway.triggers.decide import Cause
from sluiceway.triggers.uploads import Upload
from tests.fakes.world import World
from tests.proofs.invariants import Invariants
from tests.proofs.services import Bus, Message, Pipelines, SettleQueue, TimedObjects, moment
from tests.proofs.watched_table import WatchedTable
from tests.proofs.workers import Crash, Crew, Endless, Fault, Outside, Worker, current

MOST_DELIVERIES = 3000
"""until all is quiet: a hundred times what a history leaves"""
LONGEST_INVOCATION = 900.0
"""seconds: what Lambda allows"""
_WRITES = frozenset(
    {"put", "put_if", "change", "put_once", "keep", "delete", "publish", "send", "start", "stop"}
)
_LISTS = frozenset({"list_versions", "list_keys", "under", "newest"})
CREW = Crew()


class SimulatedCloud(World):
    """One stage and everything that is under way in it."""

    INVARIANTS: type[Invariants] = Invariants
    ALONE: frozenset[str] = frozenset()
    """Channels of which one worker at a time works a message off: tasks of one execution."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = 0.0
        self.undisturbed = False
        """Whether nothing goes wrong."""
        self.skewed = False
        """Whether workers' clocks differ."""
        self.faults = 0
        self.crashes = 0
        self.pending: dict[int, Message] = {}
        self.dropped: dict[int, Message] = {}
        self.done: list[Message] = []
        self.working: list[tuple[Worker, Message]] = []
        self.starts: dict[str, list[Any]] = {}
        """What was started under each name; more than one only once the name was forgotten."""
        self.ended: dict[str, float] = {}
        self.told: dict[str, Contract] = {}
        """By event id."""
        self.uploaded: dict[str, Upload] = {}
        self.newest_code: dict[str, tuple[str, str]] = {}
        """Of each project: order and event of its newest good code."""
        self.sequence = 0
        self._messages = 0
        self.invariants: Invariants = self.INVARIANTS(self)
        self.table = WatchedTable(self.invariants.written, lambda: self.clock)
        self.ledger = Ledger(self._outside(self.table, "table"))
        self.stored = TimedObjects(lambda: self.clock)
        self.objects = self._outside(self.stored, "objects")
        self.events = self._outside(Bus(self), "events")
        self.queue = self._outside(SettleQueue(self), "queue")
        self.executions = self._outside(Pipelines(self), "executions")

    @staticmethod
    def _outside(gateway: Any, name: str) -> Any:
        return Outside(gateway, name, writes=_WRITES, lists=_LISTS)

    def now(self) -> str:
        """The time by the clock of the worker that asks."""
        worker = current()
        return moment(self.clock + (worker.skew if worker else 0.0))

    def name_of(self, event: Any) -> str:
        """Under which an event is remembered."""
        return str(event.event_id)

    def may_come_twice(self, message: Message) -> bool:
        """Whether another worker may get it while one is at it, or when it is done."""
        return message.channel not in self.ALONE or all(other is not message for _, other in self.working)

    # What happens outside.

    def put(self, key: str, body: bytes) -> Upload:
        """Somebody uploads an object; S3's event is under way."""
        self.stored.put("uploads", key, body)
        return self._tell(key, len(body))

    def delete(self, key: str) -> None:
        """Somebody deletes an object."""
        self.stored.delete("uploads", key)
        self._tell(key, 0, kind="Object Deleted")

    def _tell(self, key: str, size: int, *, kind: str = "Object Created") -> Upload:
        """Sequencers have no fixed length: the shorter one means that zeros follow."""
        self.sequence += 1
        version = self.stored.versions["uploads", key][-1]
        sequencer = f"{self.sequence:016X}".rstrip("0")
        told = {"key": key, "size": size, "sequencer": sequencer, "version-id": version.version_id}
        detail = {"bucket": {"name": "uploads"}, "object": told}
        event = {"detail-type": kind, "time": moment(self.clock), "detail": detail}
        upload = Upload.from_event(json.dumps(event))
        self.uploaded[upload.event_id] = upload
        self.send("uploads", upload)
        return upload

    def ask(self, event: Cause) -> None:
        """An event from outside is put on the bus."""
        self.told[event.event_id] = event
        self.invariants.asked(event)
        self.send("bus", event)

    def send(self, channel: str, body: Any, *, delay: float = 0.0) -> None:
        """A message is under way."""
        self._messages += 1
        self.pending[self._messages] = Message(self._messages, channel, body, self.clock + delay)

    # What workers do.

    def deliver(self, message: Message, *, skew: float = 0.0) -> Worker:
        """Give a message to a worker, which goes on to its first call."""
        work = self._works()[message.channel]
        worker = CREW.begin(
            lambda: work(message.body), skew=skew, started=self.invariants.moment, since=self.clock
        )
        self.working.append((worker, message))
        self._look_after(worker)
        return worker

    def advance(self, worker: Worker, fault: Fault = Fault.NONE) -> None:
        """Let a worker make its next call, which ends like this."""
        self.faults += fault is not Fault.NONE
        self.crashes += fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
        worker.advance(fault)
        self._look_after(worker)

    def kill(self, worker: Worker) -> None:
        """The worker's process is gone."""
        self.crashes += 1
        worker.kill()
        self._look_after(worker)

    def pass_time(self, seconds: float) -> None:
        """Time passes; a worker that has taken too long is killed."""
        self.clock += seconds
        for worker, _ in list(self.working):
            if self.clock - worker.since > LONGEST_INVOCATION:
                self.kill(worker)

    def finish(self, worker: Worker) -> None:
        """Let a worker go on to its end without faults."""
        worker.finish()
        self._look_after(worker)

    def _look_after(self, worker: Worker) -> None:
        """A worker that is done hands its message back, or it goes."""
        if worker.busy:
            return
        (entry,) = [each for each in self.working if each[0] is worker]
        self.working.remove(entry)
        message, error = entry[1], worker.error
        CREW.release(worker)
        if error is None:
            if self.pending.pop(message.number, None):
                self.done.append(message)
        elif isinstance(error, Endless):
            self.invariants.say("ends", f"{message.channel} {message.number} still calls {error}")
        elif not isinstance(error, Crash | TransientError):
            raise error

    def close(self) -> None:
        """End all workers; the history is over."""
        for worker, _ in list(self.working):
            worker.kill()
            CREW.release(worker)
        self.working.clear()

    def drain(self) -> None:
        """Quiescence: no more faults, whatever was dropped comes, and everything is worked off in order."""
        for worker, _ in list(self.working):
            self.finish(worker)
        self.pending |= self.dropped
        self.dropped.clear()
        delivered = 0
        while self.pending:
            delivered += 1
            if delivered > MOST_DELIVERIES:
                self.invariants.say("ends", f"{len(self.pending)} messages come again and again")
            self.invariants.check()
            message = min(self.pending.values(), key=lambda each: (each.due, each.number))
            self.clock = max(self.clock, message.due)
            worker = self.deliver(message)
            if worker.busy:
                self.finish(worker)

    def _works(self) -> Mapping[str, Callable[[Any], Any]]:
        return {
            "uploads": self.collect,
            "settle": self._settle,
            "bus": self.request,
            "execution": self._run_pipeline,
            "stopped": self._stop,
            "finished": self._resume,
        }

    def _settle(self, message: SettleDatasetInput) -> None:
        settle_dataset(message, self.settling())

    def _run_pipeline(self, run_id: str) -> None:
        """What of `run_pipeline` reaches the ledger; how it ends follows from its name."""
        arn = f"arn:aws:states:eu-west-1:111122223333:execution:run_pipeline:{run_id}"
        run = self.ledger.begin_run(run_id, at=self.now(), facts=RunFacts(execution_arn=arn))
        if fate_of(run_id) == "FAILED":
            self._fail(run_id, error="StepFailed", cause="the step said no")
        else:
            passed = fate_of(run_id) == "SUCCEEDED"
            finish_run(
                FinishRunInput(
                    run_id=run.run_id, passed=passed, reason="the gate", model_version="1", deployed=passed
                ),
                ledger=self.ledger,
                events=self.events,
            )
        self.ended[run_id] = self.clock

    def _stop(self, run_id: str) -> None:
        """Somebody stopped the execution, or the rule that sees executions end tells it late."""
        self._fail(run_id, error="ABORTED", cause="stopped by hand")

    def _resume(self, finished: RunFinished) -> None:
        resume_schedule(finished, ledger=self.ledger, events=self.events)

    def _fail(self, run_id: str, *, error: str, cause: str) -> None:
        fail_run(
            FailRunInput(run_id=run_id, error=error, cause=cause),
            ledger=self.ledger,
            objects=self.objects,
            events=self.events,
            artifacts_bucket="artifacts",
        )


FATES = ("SUCCEEDED", "FAILED", "REJECTED", "SUCCEEDED")


def fate_of(run_id: str) -> str:
    """How a run ends: the same in every history."""
    return FATES[hashlib.sha256(run_id.encode()).digest()[0] % len(FATES)]
