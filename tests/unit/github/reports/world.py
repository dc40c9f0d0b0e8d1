"""A pull request and its runs in memory, and `report_run` told of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sluiceway.clock import timestamp
from sluiceway.gateways.ledger import EventRecord, RunRecord
from sluiceway.gateways.records import Outcome, RunFacts
from sluiceway.github.contracts import ProjectChecked, PullRequestChecked
from sluiceway.github.report_events import Told
from sluiceway.github.report_facts import Facts
from sluiceway.github.report_run import Reporting, report_run
from sluiceway.names import run_key
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import Commit, RunRequested, RunStatus
from tests.fakes.github_reports import MemoryReports
from tests.fakes.run_world import BUCKET, PREFIX, PROJECT, VERSION, World, result_of, score

REPOSITORY = "octo-org/models"
FIRST, SECOND = "1" * 40, "2" * 40
RUN = f"{PROJECT}-0123456789ab"
CONFIG = {
    "project": PROJECT,
    "data": ["flights"],
    "steps": {"prepare": {}, "train": {}},
    "model": {"step": "train"},
    "evaluate": {
        "holdout": "prepare/holdout.parquet",
        "target": "delayed",
        "metrics": ["roc_auc", "log_loss"],
    },
    "gate": {"metric": "roc_auc", "minimum": 0.6},
}


def commit(sha: str = FIRST, *, number: int | None = 7) -> Commit:
    return Commit(repository=REPOSITORY, sha=sha, ref="refs/heads/trees", pull_request=number)


@dataclass
class ReportWorld:
    """Events are told in the order of the calls; what they are about may have gone on meanwhile."""

    github: Any = field(default_factory=MemoryReports)
    """`Reports`, with the board that it writes on."""
    world: World = field(default_factory=World)
    waited: list[float] = field(default_factory=list)
    clock: datetime = datetime(2026, 11, 21, 13, tzinfo=UTC)

    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.clock += timedelta(minutes=minutes)

    def tell(self, told: Told) -> EventRecord | None:
        facts = Facts(
            ledger=self.world.ledger,
            objects=self.world.objects,
            artifacts_bucket=BUCKET,
            endpoint_prefix=PREFIX,
        )
        given = {"wait": self.waited.append, "now": lambda: timestamp(self.clock)}
        return report_run(told, Reporting(facts=facts, connect=lambda: self.github, **given))

    def checked(self, sha: str = FIRST, *, order: str = "1", **changes: Any) -> ProjectChecked:
        given: dict[str, Any] = {"outcome": "asked", "asked": f"asked-{sha[0]}", "config": CONFIG}
        at = changes.pop("commit", commit(sha))
        return ProjectChecked(
            event_id=f"checked-{sha[0]}", project=PROJECT, commit=at, order=order, **given | changes
        )

    def head(
        self, sha: str = FIRST, *, order: str = "1", projects: tuple[str, ...] = (PROJECT,)
    ) -> PullRequestChecked:
        return PullRequestChecked(
            event_id=f"head-{sha[0]}", commit=commit(sha), order=order, projects=projects
        )

    def decided(self, sha: str = FIRST, outcome: Outcome = "requested", **changes: Any) -> None:
        """request_runs has decided on the preview of a commit."""
        self.world.ledger.record_event(
            EventRecord(
                event_id=f"asked-{sha[0]}.{PROJECT}",
                event="RunAsked",
                subject=PROJECT,
                outcome=outcome,
                recorded_at="2026-11-21T12:00:00.000Z",
                **changes,
            )
        )

    def requested(self, run_id: str = RUN, *, at: Commit | None = None, **changes: Any) -> RunRequested:
        """A run was claimed; the ledger knows it."""
        given: dict[str, Any] = {"trigger": "webhook", "requested_at": "2026-11-21T12:00:00.000Z"}
        given |= {"code_version": VERSION, "dataset_versions": {"flights": "d" * 64}, "preview": True}
        record = RunRecord(
            run_id=run_id, project=PROJECT, event_id="asked", commit=at or commit(), **given | changes
        )
        self.world.ledger.claim_run(record)
        return RunRequested(
            event_id=f"{run_id}.requested",
            run_id=run_id,
            project=PROJECT,
            code_version=VERSION,
            dataset_versions={},
            trigger=record.trigger,
            rerun=0,
        )

    def finished(self, run_id: str = RUN, status: RunStatus = "SUCCEEDED", reason: str = "") -> Any:
        """The run has ended; the ledger says so."""
        verdict = {"SUCCEEDED": "passed: roc_auc 0.7 meets at least 0.6", "REJECTED": "rejected: roc_auc 0.5"}
        facts = RunFacts(gate=verdict.get(status))
        end = {"owner": "finish_run", "at": "2026-11-21T12:05:00.000Z", "reason": reason}
        self.world.ledger.finish_run(run_id, status, facts=facts, **end)
        return run_finished(self.world.ledger.run(run_id))

    def evaluated(self, run_id: str = RUN) -> None:
        """The run left its plan and its scores."""
        champion = score("champion", 0.65, version="2")
        plan = self.world.trained(run_id)
        key = run_key(run_id, "evaluation", plan.image_tag, "result.json")
        self.world.write(key, result_of(score("challenger", 0.7), champion, run_id=run_id))

    @property
    def comment(self) -> str:
        """The text of the only comment."""
        (body,) = self.github.board.bodies(REPOSITORY, 7)
        return body

    def check(self, sha: str = FIRST) -> dict[str, Any]:
        """The only check run of a commit."""
        (found,) = self.github.board.checks(REPOSITORY, sha)
        return found
