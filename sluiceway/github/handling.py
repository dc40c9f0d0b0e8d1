"""What handling deliveries reaches out to, and how its outcome is written down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sluiceway.clock import utc_now
from sluiceway.gateways.events import Events
from sluiceway.gateways.github import GitHub
from sluiceway.gateways.ledger import EventRecord, Ledger
from sluiceway.gateways.objects import Objects
from sluiceway.gateways.records import Outcome
from sluiceway.github.contracts import ProjectChecked
from sluiceway.github.found_project import FoundProject, find_projects
from sluiceway.github.repository_files import MAX_ARCHIVE_BYTES, RepositoryFiles
from sluiceway.github.settings import GitHubSettings
from sluiceway.images.environment_files import environment_files
from sluiceway.images.image_tag import Files, image_tag


@dataclass(frozen=True, kw_only=True)
class Handling:
    """The outside world of this slice's use cases, chosen in one place: the handler, or a test."""

    ledger: Ledger
    objects: Objects
    events: Events
    github: GitHub
    settings: GitHubSettings
    artifacts_bucket: str
    platform: Files = field(default_factory=dict)
    """The platform's part of every environment image; empty: whether one is ready is not told."""
    now: Callable[[], str] = utc_now

    def record(
        self,
        event_id: str,
        event: str,
        subject: str,
        *,
        outcome: Outcome,
        reason: str,
        project: str | None = None,
        run_id: str | None = None,
    ) -> EventRecord:
        """Write down how something ended; the first record stands, and is returned."""
        record = EventRecord(
            event_id=event_id,
            event=event,
            subject=subject,
            outcome=outcome,
            reason=reason,
            project=project,
            run_id=run_id,
            recorded_at=self.now(),
        )
        won = self.ledger.record_event(record).ours
        return record if won else (self.ledger.event(event_id) or record)

    def projects_at(self, repository: str, sha: str, *, pushed: bool = False) -> list[FoundProject]:
        """The projects of a commit; raises `InvalidUpload`, `AnswerTooLarge`, `NotFound`."""
        files = RepositoryFiles(self.github.archive(repository, sha, at_most=MAX_ARCHIVE_BYTES))
        now = datetime.fromisoformat(self.now()) if pushed else None
        return find_projects(files, repository=repository, now=now)

    def owned_elsewhere(self, project: str, repository: str) -> str | None:
        """Why a repository may not bring or command this project; None: it may.

        Another connected repository has brought its latest code: two would overwrite each other. A project
        that it has retired it has given up.
        """
        latest = self.ledger.code_pointer(project)
        commit = latest.commit if latest is not None and latest.retired is None else None
        owner = commit.repository if commit is not None else repository
        if owner.casefold() == repository.casefold() or self.settings.repository(owner) is None:
            return None
        return f"project {project} comes from the repository {owner}: give this one another name"

    def image_ready(self, found: FoundProject) -> bool | None:
        """Whether the image of a project's environment has been built; None: not known."""
        if not self.platform or found.project is None or found.tree is None:
            return None
        tag = image_tag(environment_files(found.tree, found.project.mlproject), self.platform)
        return self.ledger.image(tag) is not None

    def tell(self, checked: ProjectChecked) -> None:
        """Publish what was found out about a project."""
        self.events.publish(checked)
