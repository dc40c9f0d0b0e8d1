"""Invariants that are looked at once all is quiet."""

from collections.abc import Mapping

from sluiceway.datasets.manifest import make_manifest
from sluiceway.errors import InvalidDataset
from sluiceway.gateways.records import ENDED
from sluiceway.gateways.table import Item
from sluiceway.triggers.contracts import CodePushed
from tests.proofs.found import Found
from tests.proofs.projects import SCHEDULES


class Quiet(Found):
    """Everything has been delivered, and no fault is left."""

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
        for run in filter(self._must_be_told, self._runs()):
            run_id, refused = run["run_id"], run.get("finished_by") == "refuse_run"
            if not refused and f"{run_id}.requested" not in self._cloud.told:
                self.say("told", f"that {run_id} was requested")
            if run["status"] not in ENDED or f"{run_id}.finished" not in self._cloud.told:
                self.say("told", f"that {run_id} has ended")

    def _must_be_told(self, _run: Item) -> bool:
        return True

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


_QUIET = (
    Quiet._all_recorded,
    Quiet._newest_code,
    Quiet._newest_data,
    Quiet._executions,
    Quiet._refused,
    Quiet._nobody_waits,
    Quiet._decided,
    Quiet._told,
    Quiet._wanted,
)
