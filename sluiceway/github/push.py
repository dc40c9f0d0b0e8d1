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

    def gone(self, found: Sequence[FoundProject]) -> tuple[str, ...]:
        """Names of the projects that this branch has brought and the commit does not hold any more.

        Not of a folder whose project cannot be used: nobody could say whether it is another one now.
        """
        names = {each.name for each in found}
        unclear = {each.folder for each in found if each.project is None}
        brought = self._standing.brought.items()
        return tuple(name for name, folder in brought if name not in names and folder not in unclear)

    def holds(self, found: Sequence[FoundProject]) -> dict[str, str]:
        """What the branch has brought once the push has been taken in, as `BranchPointer.brought`."""
        gone = self.gone(found)
        kept = {name: folder for name, folder in self._standing.brought.items() if name not in gone}
        return kept | _folders(found)

    def begin(self, changed: Sequence[FoundProject], gone: Sequence[str] = ()) -> BranchPointer:
        """What stands while the code of these is moved; of no commit, where nothing stood before.

        Whoever is killed then leaves code of a commit that the branch may have left: for who comes next it is
        unknown what the branch brought of them, and whoever looked before fails.
        """
        standing = self._standing
        before = {standing.brought[name] for name in (*gone, *_folders(changed)) if name in standing.brought}
        folders = before | {each.folder for each in changed}
        brought = standing.brought | _folders(changed)
        noted = brought == standing.brought and not folders & standing.projects.keys()
        if standing.begun == self.event_id and noted:
            return standing
        known = {folder: version for folder, version in standing.projects.items() if folder not in folders}
        state = hashlib.sha256(f"{standing.state} {self.event_id}".encode()).hexdigest()
        update = {"projects": known, "brought": brought, "begun": self.event_id, "state": state}
        return standing.model_copy(update=update)

    @property
    def _standing(self) -> BranchPointer:
        """Of no commit, where the branch is followed for the first time."""
        nothing = {"sha": NO_COMMIT, "event_id": "", "state": ""}
        return self.standing or self.pointer({}).model_copy(update=nothing)

    def pointer(self, projects: dict[str, str], brought: dict[str, str] | None = None) -> BranchPointer:
        """What stands once the push has been taken in."""
        return BranchPointer(
            repository=self.commit.repository,
            branch=self.branch,
            sha=self.commit.sha,
            event_id=self.event_id,
            projects=projects,
            brought=brought or {},
            moved_at=self.at,
        )


def _folders(found: Sequence[FoundProject]) -> dict[str, str]:
    """Of the projects that can be used, by name."""
    return {each.name: each.folder for each in found if each.project is not None}
