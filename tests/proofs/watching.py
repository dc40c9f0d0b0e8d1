"""Invariants that are looked at after each write, each event and each start."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sluiceway.contract import Contract
from sluiceway.datasets.pending import LONGEST_WAIT, LOST_AFTER
from sluiceway.gateways.records import ENDED
from sluiceway.gateways.table import Item
from sluiceway.triggers.contracts import (
    CodePushed,
    DatasetVersioned,
    RunFinished,
    RunPipelineInput,
    RunRequested,
    ScheduleFired,
)
from tests.fakes.world import SETTLE
from tests.proofs.found import Found
from tests.proofs.workers import current

if TYPE_CHECKING:
    from tests.proofs.cloud import SimulatedCloud

PAUSE = LOST_AFTER + SETTLE + 900.0
"""seconds: without an upload for so long, no timer is held up: it is lost, whoever notes an upload is dead"""

_OF_A_RUN = (
    "run_id", "project", "event_id", "trigger", "code_version", "dataset_versions",
    "parameters", "steps", "preview", "rerun",
)  # fmt: skip


class Watching(Found):
    """Looks at everything that happens."""

    def written(self, key: tuple[str, str], before: Item | None, after: Item) -> None:
        """An item of the ledger was written."""
        self.moment += 1
        part, mark, _ = key[1].partition("#")
        look = _WRITTEN.get(f"{key[0].partition('#')[0]}/{part}{mark}")
        if look is not None:
            look(self, before, after)

    def _event(self, before: Item | None, after: Item) -> None:
        if before is not None and before != after:
            self.say("outcome", f"{before['outcome']} of {after['event_id']} became {after['outcome']}")
        if after["event"].startswith("Object") and after.get("dataset") and after["outcome"] == "accepted":
            worker, _ = _worker_of(self._cloud)
            self._noted[after["dataset"]].append((self.moment, worker.since))

    def _pointer(self, before: Item | None, after: Item) -> None:
        if before is None:
            return
        back = after["order"] < before["order"]
        if back or (after["order"] == before["order"] and after["event_id"] != before["event_id"]):
            self.say("forward", f"{after['pk']} from {before['order']} to {after['order']}")

    def _dataset(self, before: Item | None, after: Item) -> None:
        self._pointer(before, after)
        if before is None or before["event_id"] != after["event_id"]:
            self.states[after["event_id"]] = f"{after['dataset']} {after['state']}"
            self._was_quiet(after)

    def _was_quiet(self, after: Item) -> None:
        """Where clocks are right, and the timer was not held up for a day by uploads without a pause."""
        worker, message = _worker_of(self._cloud)
        noted = [each for each in self._noted[after["dataset"]] if each[0] < worker.started]
        self._noted[after["dataset"]] = self._noted[after["dataset"]][len(noted) :]
        if message.body.at_once or not noted or self._cloud.skewed:
            return
        begun, last = _without_pause([since for _, since in noted])
        if self._cloud.clock - begun <= LONGEST_WAIT and self._cloud.clock - last < SETTLE:
            self.say("settled", f"{after['dataset']} {self._cloud.clock - last} s after an upload")

    def _version(self, _before: Item | None, after: Item) -> None:
        content = self._content(after["uri"])
        known = self._contents.setdefault((after["dataset"], content), after["version"])
        if known != after["version"]:
            self.say("same-bytes", f"{after['dataset']} {known[:8]} and {after['version'][:8]} are the same")

    def _content(self, uri: str) -> str:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        objects = json.loads(self._cloud.stored.get(bucket, key))["objects"]
        return json.dumps([(each["key"], each["checksum"]) for each in objects])

    def _run(self, before: Item | None, after: Item) -> None:
        if before is None:
            self._claimed(after)
            return
        changed = [name for name in _OF_A_RUN if before.get(name) != after.get(name)]
        if changed:
            self.say("pinned", f"{', '.join(changed)} of {after['run_id']} changed")
        if before["status"] in ENDED and _end(before) != _end(after):
            self.say("ended", f"{before['status']} of {after['run_id']} became {after['status']}")

    def _claimed(self, after: Item) -> None:
        if after["status"] != "REQUESTED":
            return
        runs = [run for run in self._runs() if run["project"] == after["project"] and run is not after]
        together = [run for run in runs if run.get("schedule") and run["schedule"] == after.get("schedule")]
        if any(run["status"] not in ENDED for run in together):
            self.say("one-at-a-time", f"{after['run_id']} of the schedule {after['schedule']}")
        if any(run["event_id"] == after["event_id"] for run in runs):
            self.say("one-run", f"{after['event_id']} claimed {after['run_id']}, too")
        alike = [run for run in [*runs, after] if _inputs(run) == _inputs(after)]
        standing = [run for run in alike if run["status"] != "FAILED" and not self._forced(run["event_id"])]
        if len(standing) > 1:
            self.say("tried-again", f"{after['run_id']}, though {standing[0]['run_id']} stands")

    def _forced(self, event_id: str) -> bool:
        """Somebody insisted, or a schedule does always."""
        event = self._cloud.told.get(event_id)
        return isinstance(event, ScheduleFired) or bool(getattr(event, "force", False))

    # After each event and start.

    def asked(self, event: Any) -> None:
        """An event came from outside."""
        self._subscribers[event.event_id] = {event.project}

    def published(self, event: Contract) -> None:
        """An event was published."""
        self.moment += 1
        known = self._cloud.told.get(self._cloud.name_of(event))
        if known is not None and known != event:
            self.say("same-event", f"{event} was {known}")
        look = _PUBLISHED.get(type(event))
        if look is not None:
            look(self, event)

    def _code_pushed(self, event: CodePushed) -> None:
        upload = self._cloud.uploaded.get(event.event_id)
        standing = self._item(f"PROJECT#{event.project}", "CODE")
        if standing is None or (upload is not None and standing["order"] < upload.order):
            self.say("announced", f"code of {event.project} before it was the latest")
        self._subscribers[event.event_id] |= {event.project}

    def _dataset_versioned(self, event: DatasetVersioned) -> None:
        pk = f"DATASET#{event.dataset}"
        if None in (self._item(pk, "LATEST"), self._item(pk, f"VERSION#{event.dataset_version}")):
            self.say("announced", f"{event.dataset} before it had that version")
        if event.event_id in self._subscribers:
            return
        self._subscribers[event.event_id] = {
            sk.partition("#")[2]
            for pk, sk in self._cloud.table.items
            if pk == f"DATASET#{event.dataset}" and sk.startswith("PROJECT#")
        }

    def _run_requested(self, event: RunRequested) -> None:
        if self._item(f"RUN#{event.run_id}", "RUN") is None:
            self.say("announced", f"{event.run_id} before it was claimed")

    def _run_finished(self, event: RunFinished) -> None:
        run = self._item(f"RUN#{event.run_id}", "RUN")
        if run is None or run["status"] != event.status:
            self.say("announced", f"the end of {event.run_id} as {event.status}")

    def started(self, name: str, given: RunPipelineInput) -> None:
        """An execution was really started."""
        self.moment += 1
        run = self._item(f"RUN#{given.run_id}", "RUN")
        if run is None or name != given.run_id:
            self.say("executions", f"{name} is not the name of a run that was claimed")
        elif run.get("finished_by") == "refuse_run":
            self.say("refused", f"{name} was started")
        if len(self._cloud.starts[name]) > 1:
            self.say("executions", f"{name} was started again")


def _without_pause(times: Sequence[float]) -> tuple[float, float]:
    """The newest of them, and since when there was no pause before it."""
    newest_first = sorted(times, reverse=True)
    begun = newest_first[0]
    for each in newest_first:
        if begun - each > PAUSE:
            break
        begun = each
    return begun, newest_first[0]


def _end(run: Item) -> tuple[Any, ...]:
    return run["status"], run.get("reason"), run.get("finished_by")


def _inputs(run: Item) -> tuple[Any, ...]:
    names = ("code_version", "dataset_versions", "parameters", "steps", "preview")
    return tuple(run.get(name) for name in names)


def _worker_of(cloud: SimulatedCloud) -> Any:
    here = current()
    return next(entry for entry in cloud.working if entry[0] is here)


_WRITTEN: Mapping[str, Callable[[Watching, Item | None, Item], None]] = {
    "EVENT/EVENT": Watching._event,
    "PROJECT/CODE": Watching._pointer,
    "DATASET/LATEST": Watching._dataset,
    "DATASET/VERSION#": Watching._version,
    "RUN/RUN": Watching._run,
}
_PUBLISHED: Mapping[type[Contract], Callable[[Watching, Any], None]] = {
    CodePushed: Watching._code_pushed,
    DatasetVersioned: Watching._dataset_versioned,
    RunRequested: Watching._run_requested,
    RunFinished: Watching._run_finished,
}
