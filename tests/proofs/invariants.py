"""What must hold in every history: after each write, each event and each start, and once all is quiet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sluiceway.contract import Contract
from sluiceway.datasets.manifest import make_manifest
from sluiceway.datasets.pending import LONGEST_WAIT
from sluiceway.errors import InvalidDataset
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
from tests.proofs.projects import SCHEDULES

if TYPE_CHECKING:
    from tests.proofs.cloud import SimulatedCloud

INVARIANTS: Mapping[str, str] = {
    "recorded": "every accepted event has an outcome on record in the end",
    "outcome": "an outcome on record never changes",
    "forward": "a pointer never moves back, nor to something else of the same order",
    "newest": "in the end the latest code and data are the newest that was uploaded",
    "announced": "an event tells of what stands in the ledger already",
    "same-event": "an event id says the same whenever it is published",
    "pinned": "what a run was claimed with never changes",
    "ended": "an end state never becomes another",
    "one-run": "an event starts at most one run of a project",
    "tried-again": "the same inputs run again only after a failure, or when that is asked for",
    "one-at-a-time": "at most one run of a schedule goes on, and whoever waits for its end has a turn",
    "executions": "executions are the runs that were claimed, one for each, under its name",
    "refused": "nothing that was refused starts anything",
    "decided": "each event on the bus has one decision on record for every project that it concerns",
    "told": "every run is told as requested, and every end as finished",
    "wanted": "the newest code with the newest data was run",
    "settled": "data become a version only once nothing has come since, or when that is asked for",
    "same-bytes": "the same bytes are the same version",
    "clean": "the end state and the effects are those of the undisturbed history",
}
"""By the name under which a violation is reported."""

SLACK = 2.0
"""seconds: uploads within one second count as one, and S3 tells times to the second"""

_OF_A_RUN = (
    "run_id", "project", "event_id", "trigger", "code_version", "dataset_versions",
    "parameters", "steps", "preview", "rerun",
)  # fmt: skip


class Violation(AssertionError):
    """An invariant does not hold."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} ({INVARIANTS[name]}): {what}")
        self.name = name


class Invariants:
    """Looks at everything that happens in one cloud, and remembers what was wrong."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud
        self.found: list[Violation] = []
        self.moment = 0
        """Counts writes: what comes before what."""
        self.states: dict[str, str] = {}
        """By event: what lay in the dataset's folder."""
        self._noted: dict[str, list[tuple[int, float]]] = defaultdict(list)
        """Of a dataset's uploads since the last version: when each was recorded, and when that began."""
        self._looked_again = set[str]()
        """Timers that were killed while they looked, and look again at once."""
        self._subscribers: dict[str, set[str]] = defaultdict(set)
        """Of each event on the bus: the projects that it concerned when it was published."""
        self._contents: dict[tuple[str, str], Any] = {}

    def say(self, name: str, what: str) -> None:
        """Something does not hold."""
        self.found.append(Violation(name, what))

    def check(self) -> None:
        """Raise the first violation there is."""
        if self.found:
            raise self.found[0]

    # After each write.

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

    def _pending(self, before: Item | None, after: Item) -> None:
        if before and before.get("looking") and after["looking"] and before["timer"] == after["timer"]:
            self._looked_again.add(after["timer"])

    def _dataset(self, before: Item | None, after: Item) -> None:
        self._pointer(before, after)
        if before is None or before["event_id"] != after["event_id"]:
            self.states[after["event_id"]] = f"{after['dataset']} {after['state']}"
            self._was_quiet(after)

    def _was_quiet(self, after: Item) -> None:
        """Where clocks are right, and no timer was held up for a day by uploads without a pause."""
        worker, message = _worker_of(self._cloud)
        noted = [each for each in self._noted[after["dataset"]] if each[0] < worker.started]
        self._noted[after["dataset"]] = self._noted[after["dataset"]][len(noted) :]
        if message.body.at_once or message.body.token in self._looked_again:
            return
        if not noted or self._cloud.skewed:
            return
        if self._cloud.clock - noted[0][1] > LONGEST_WAIT:
            return
        if self._cloud.clock - noted[-1][1] < SETTLE - SLACK:
            self.say("settled", f"{after['dataset']} {self._cloud.clock - noted[-1][1]} s after an upload")

    def _version(self, _before: Item | None, after: Item) -> None:
        content = self._content(after["uri"])
        known = self._contents.setdefault((after["dataset"], content), after["version"])
        if known != after["version"]:
            self.say("same-bytes", f"{after['dataset']} {known[:8]} and {after['version'][:8]} are the same")

    def _content(self, uri: str) -> str:
        import json

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
        known = self._cloud.told.get(event.event_id)  # type: ignore[attr-defined]
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

    # Once all is quiet.

    def check_quiet(self) -> None:
        """Everything has been delivered, and no fault is left; raises the first `Violation`."""
        for look in _QUIET:
            look(self)
        self.check()

    def _all_recorded(self) -> None:
        for event_id, upload in self._cloud.uploaded.items():
            if self._item(f"EVENT#{event_id}", "EVENT") is None:
                self.say("recorded", f"nothing is on record of {upload.key}")

    def _newest_code(self) -> None:
        for project, (order, version) in self._cloud.newest_code.items():
            standing = self._item(f"PROJECT#{project}", "CODE")
            if standing is None or (standing["order"], standing["event_id"]) != (order, version):
                self.say("newest", f"the latest code of {project} is not its newest")

    def _newest_data(self) -> None:
        keys = [key for _, key in self._cloud.stored.versions if key.startswith("data/")]
        for dataset in {key.split("/")[1] for key in keys}:
            wanted = self._listed(dataset)
            standing = self._item(f"DATASET#{dataset}", "LATEST")
            if wanted is not None and (standing is None or standing["version"] != wanted):
                self.say("newest", f"the latest version of {dataset} is not what lies there")

    def _listed(self, dataset: str) -> str | None:
        """The version of what lies there; None where that is none."""
        versions = list(self._cloud.stored.list_versions("uploads", f"data/{dataset}/"))
        try:
            return make_manifest(dataset, bucket="uploads", versions=versions).version
        except InvalidDataset:
            return None

    def _executions(self) -> None:
        claimed = {run["run_id"] for run in self._runs() if not self._never_began(run)}
        started = {given.run_id for all_given in self._cloud.starts.values() for given in all_given}
        if claimed != started or len(self._cloud.starts) != len(started):
            self.say("executions", f"claimed {sorted(claimed)}, started {sorted(self._cloud.starts)}")

    def _never_began(self, run: Item) -> bool:
        """Refused, or cancelled before it was started."""
        by = run.get("finished_by")
        return by == "refuse_run" or (by == "request_runs" and run["run_id"] not in self._cloud.starts)

    def _nobody_waits(self) -> None:
        for project in self._cloud.newest_code:
            for schedule in SCHEDULES:
                waiting = self._cloud.ledger.waiting(project, schedule)
                if waiting:
                    self.say("one-at-a-time", f"{waiting[0].event_id} still waits")

    def _refused(self) -> None:
        for item in self._events():
            pushed = isinstance(self._cloud.told.get(item["event_id"]), CodePushed)
            if item["outcome"] == "refused" and pushed:
                self.say("refused", f"{item['event_id']} was published")

    def _decided(self) -> None:
        for event_id, projects in self._subscribers.items():
            for project in projects:
                if self._item(f"EVENT#{event_id}.{project}", "EVENT") is None:
                    self.say("decided", f"{event_id} for {project}")
        causes = {each.event_id for each in self._cloud.told.values() if isinstance(each, CodePushed)}
        if not causes <= self._cloud.uploaded.keys():
            self.say("decided", f"of {sorted(causes - self._cloud.uploaded.keys())} there is no upload")

    def _told(self) -> None:
        for run in self._runs():
            run_id, refused = run["run_id"], run.get("finished_by") == "refuse_run"
            if not refused and f"{run_id}.requested" not in self._cloud.told:
                self.say("told", f"that {run_id} was requested")
            if run["status"] not in ENDED or f"{run_id}.finished" not in self._cloud.told:
                self.say("told", f"that {run_id} has ended")

    def _wanted(self) -> None:
        for project in self._cloud.newest_code:
            code = self._item(f"PROJECT#{project}", "CODE") or {"datasets": ["none"]}
            latest = {name: self._item(f"DATASET#{name}", "LATEST") for name in code["datasets"]}
            if all(latest.values()) and not self._was_run(project, code, latest):
                self.say("wanted", f"{project} never ran with {latest}")

    def _was_run(self, project: str, code: Item, latest: Mapping[str, Item | None]) -> bool:
        versions = {name: item["version"] for name, item in latest.items() if item}
        return any(
            (run["project"], run.get("code_version"), run.get("dataset_versions"))
            == (project, code["code_version"], versions)
            for run in self._runs()
        )

    def _runs(self) -> Iterator[Item]:
        return (item for (_, sk), item in self._cloud.table.items.items() if sk == "RUN")

    def _events(self) -> Iterator[Item]:
        return (item for (_, sk), item in self._cloud.table.items.items() if sk == "EVENT")

    def _item(self, pk: str, sk: str) -> Item | None:
        found: Item | None = self._cloud.table.items.get((pk, sk))
        return found


def _end(run: Item) -> tuple[Any, ...]:
    return run["status"], run.get("reason"), run.get("finished_by")


def _inputs(run: Item) -> tuple[Any, ...]:
    names = ("code_version", "dataset_versions", "parameters", "steps", "preview")
    return tuple(run.get(name) for name in names)


def _worker_of(cloud: SimulatedCloud) -> Any:
    from tests.proofs.workers import current

    here = current()
    return next(entry for entry in cloud.working if entry[0] is here)


_WRITTEN: Mapping[str, Callable[[Invariants, Item | None, Item], None]] = {
    "EVENT/EVENT": Invariants._event,
    "PROJECT/CODE": Invariants._pointer,
    "DATASET/PENDING": Invariants._pending,
    "DATASET/LATEST": Invariants._dataset,
    "DATASET/VERSION#": Invariants._version,
    "RUN/RUN": Invariants._run,
}
_PUBLISHED: Mapping[type[Contract], Callable[[Invariants, Any], None]] = {
    CodePushed: Invariants._code_pushed,
    DatasetVersioned: Invariants._dataset_versioned,
    RunRequested: Invariants._run_requested,
    RunFinished: Invariants._run_finished,
}
_QUIET = (
    Invariants._all_recorded,
    Invariants._newest_code,
    Invariants._newest_data,
    Invariants._executions,
    Invariants._refused,
    Invariants._nobody_waits,
    Invariants._decided,
    Invariants._told,
    Invariants._wanted,
)
