"""A push to a branch, as it is taken in: its commit, and what stood there before."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.gateways.records import BranchPointer, CodePointer
from sluiceway.github.found_project import FoundProject
from sluiceway.github.names import NO_COMMIT
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

    def begin(self, changed: Sequence[FoundProject]) -> BranchPointer:
        """What stands while the code of these is moved; of no commit, where nothing stood before.

        Whoever is killed then leaves code of a commit that the branch may have left: for who comes next it is
        unknown what the branch brought of them, and whoever looked before fails.
        """
        standing, folders = self.standing or self._nothing(), {each.folder for each in changed}
        if standing.begun == self.event_id and not folders & standing.projects.keys():
            return standing
        known = {folder: version for folder, version in standing.projects.items() if folder not in folders}
        state = hashlib.sha256(f"{standing.state} {self.event_id}".encode()).hexdigest()
        return standing.model_copy(update={"projects": known, "begun": self.event_id, "state": state})

    def _nothing(self) -> BranchPointer:
        """Of a branch that is followed for the first time."""
        return self.pointer({}).model_copy(update={"sha": NO_COMMIT, "event_id": "", "state": ""})

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
