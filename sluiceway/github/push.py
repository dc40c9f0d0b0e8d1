"""A push to a branch, as it is taken in: its commit, and what stood there before."""

from dataclasses import dataclass

from sluiceway.gateways.records import BranchPointer, CodePointer
from sluiceway.github.found_project import FoundProject
from sluiceway.triggers.contracts import Commit


@dataclass(frozen=True, kw_only=True)
class Push:
    """A branch's new head."""

    event_id: str
    commit: Commit
    branch: str
    standing: BranchPointer | None
    """What was taken in of the branch before; None: nothing."""
    at: str

    def changes(self, found: FoundProject) -> bool:
        """Whether a project's files differ from what this branch last brought.

        Not from the project's latest code: what somebody uploaded since is not undone by a push that does not
        touch the project.
        """
        return self.standing is None or self.standing.projects.get(found.folder) != found.version

    def order_after(self, latest: CodePointer | None) -> str:
        """By the clock, but always behind what is latest: clocks differ, and uploads carry S3's."""
        order = f"{self.at}#{self.event_id}"
        return order if latest is None or latest.order < order else f"{latest.order}+"

    def pointer(self, projects: dict[str, str]) -> BranchPointer:
        """What stands once the push has been taken in."""
        return BranchPointer(
            repository=self.commit.repository,
            branch=self.branch,
            sha=self.commit.sha,
            event_id=self.event_id,
            projects=projects,
            moved_at=self.at,
        )
