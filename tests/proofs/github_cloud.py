"""GitHub beside the simulated cloud: what it tells comes late, twice, in any order, or never.

Deliveries reach `handle_delivery` once they are verified; each question to GitHub can go wrong.
"""

from __future__ import annotations

import itertools
from typing import Any

from sluiceway.github.contracts import Delivery, ProjectChecked, PullRequestChecked
from sluiceway.github.handle_delivery import handle_delivery
from sluiceway.github.handling import Handling
from sluiceway.github.names import NO_COMMIT
from sluiceway.github.read_payload import read_told
from sluiceway.github.receive_webhook import read_delivery
from sluiceway.github.reconcile_github import Reconciling, reconcile_github
from sluiceway.github.settings import ConnectedRepository, GitHubSettings
from sluiceway.triggers.contracts import CodePushed, RunAsked
from tests.fakes.memory_github import MemoryGitHub
from tests.proofs.cloud import SimulatedCloud
from tests.proofs.commits import COMMITS, FRIEND, REPOSITORY, UNCONNECTED, WRITER
from tests.proofs.github_invariants import GitHubInvariants
from tests.proofs.services import Bus, moment

AN_HOUR = 3600.0
"""seconds between two looks of `reconcile_github`"""
SETTINGS = GitHubSettings(
    repositories={REPOSITORY: ConnectedRepository(branches=("main",), hook_id=7)}, allowed_forks=(FRIEND,)
)
NOT_TOLD, NOT_DELIVERED = 1, 2


class GitHubCloud(SimulatedCloud):
    """A stage that follows the branch `main` of one repository."""

    INVARIANTS = GitHubInvariants
    invariants: GitHubInvariants

    def __init__(self) -> None:
        super().__init__()
        self.site = MemoryGitHub()
        self.repository = self.site.repository(REPOSITORY)
        self.repository.commits.update(COMMITS)
        self.repository.permissions[WRITER] = "write"
        self.site.repository(UNCONNECTED).commits.update(COMMITS)
        self.heads: list[tuple[int, str]] = []
        """The commits that the branch was at, each with the moment from which on."""
        self.deliveries: list[Delivery] = []
        """That came."""
        self.heard = False
        """Whether the newest push was told."""
        self.missed: tuple[str, ...] = ()
        """What the last look found."""
        self.guids, self.comments = itertools.count(1), itertools.count(1)
        self.github = self._outside(self.site, "github")
        self.events = self._outside(GitHubBus(self), "events")
        self.deliveries_queue = self._outside(DeliveryQueue(self), "queue")

    def name_of(self, event: Any) -> str:
        """One push, and one pull request, may concern several projects."""
        of_several = isinstance(event, CodePushed | RunAsked)
        return f"{event.event_id} {event.project}" if of_several else str(event.event_id)

    # What happens at GitHub.

    def move(self, sha: str) -> str:
        """The branch is pushed to, or forced to; returns where it was."""
        before = self.repository.branches.get("main", NO_COMMIT)
        self.repository.branches["main"] = sha
        self.invariants.moment += 1
        self.heads.append((self.invariants.moment, sha))
        return before

    def tell(self, event: str, luck: int = 0, /, *, repository: str = REPOSITORY, **payload: Any) -> None:
        """GitHub tells of something; or it does not, or nobody is there to hear it."""
        guid = f"{next(self.guids):08d}"
        told = {"repository": {"full_name": repository}, "sender": {"login": WRITER}, **payload}
        self.heard = self.heard and event != "push"
        how = 0 if self.undisturbed or repository != REPOSITORY else luck % 6
        if how == NOT_DELIVERED or (how == NOT_TOLD and event == "issue_comment"):
            self.repository.delivered(event, told, guid=guid)
        elif how != NOT_TOLD:
            self.heard = self.heard or event == "push"
            self.come(read_delivery(read_told(event, told), told, delivery_id=guid, received_at=self.now()))

    def come(self, delivery: Delivery) -> None:
        """A delivery was verified, and is under way."""
        self.deliveries.append(delivery)
        self.send("github", delivery)

    # What workers do.

    def drain(self) -> None:
        """The hourly look comes in the end: it finds what was missed, and the next one finds nothing more."""
        super().drain()
        if self.heard:
            self.invariants.check_followed()
        for _ in range(2):
            self.clock += AN_HOUR
            self.repository.deliveries[:] = [
                {**each, "delivered_at": moment(self.clock)} for each in self.repository.deliveries
            ]
            self.send("reconcile", None)
            super().drain()
        self.repository.deliveries.clear()

    def _works(self) -> Any:
        return {**super()._works(), "github": self._handle, "reconcile": self._reconcile}

    def _handle(self, delivery: Delivery) -> None:
        handle_delivery(delivery, self.handling())

    def handling(self) -> Handling:
        """The outside world of `handle_delivery`."""
        return Handling(
            ledger=self.ledger,
            objects=self.objects,
            events=self.events,
            github=self.github,
            settings=SETTINGS,
            artifacts_bucket="artifacts",
            now=self.now,
        )

    def _reconcile(self, _: None) -> None:
        on = Reconciling(
            ledger=self.ledger,
            github=self.github,
            settings=SETTINGS,
            queue=self.deliveries_queue,
            is_app=False,
            now=self.now,
        )
        self.missed = reconcile_github(on).missed


class GitHubBus(Bus):
    """What is told of checks says when it was looked; that is left out."""

    def publish(self, event: Any) -> None:
        if isinstance(event, ProjectChecked | PullRequestChecked):
            event = event.model_copy(update={"order": ""})
        super().publish(event)


class DeliveryQueue:
    """The queue of deliveries."""

    def __init__(self, cloud: GitHubCloud) -> None:
        self._cloud = cloud

    def send(self, message: Delivery, *, delay: int = 0) -> None:
        self._cloud.come(message)
