"""The ledger of what is told on GitHub: what was checked, the newest of each, and who makes a comment.

    COMMIT#<repository>#<sha>   CHECKED#<project>      what the check said
                                RUN#<project>          the newest run of the commit
                                DEPLOYMENT#<project>   the newest deployment of what such a run made
                                CHECKRUN#<project>     a place
    PULL#<repository>#<number>  HEAD                   the newest commit that was looked at, and its projects
                                COMMENT                a place
    RUN#<run id>                FOLLOWED#<repo>#<sha>  another commit whose inputs are those of the run

A place is something on GitHub that is there once. GitHub makes another one at each request, so whoever makes
it claims the place first; its `nonce` goes into what is made, so that it is found when the answer was lost.
"""

from sluiceway.contract import Contract
from sluiceway.gateways.items import attributes, from_item, maybe, to_item
from sluiceway.gateways.records import DeploymentRecord, RunRecord
from sluiceway.gateways.table import ABSENT, Item, Table, before, equals
from sluiceway.github.contracts import ProjectChecked, PullRequestChecked
from sluiceway.triggers.contracts import Commit

Key = tuple[str, str]


class Place(Contract):
    """Something that is on GitHub once: a comment, or a check run."""

    owner: str
    """The one attempt that may make it."""
    nonce: str
    """Known to nobody before it stands on GitHub: nobody else can have written it there."""
    claimed_at: str
    github_id: int = 0
    """0: not yet known."""


class ReportLedger:
    """What reports are made from, and where they stand on GitHub."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note_checked(self, checked: ProjectChecked) -> None:
        """Keep what the newest check of a project of a commit said."""
        key = (_commit(checked.commit.repository, checked.commit.sha), f"CHECKED#{checked.project}")
        self._forward(to_item(*key, checked), checked.order)

    def checked(self, repository: str, sha: str, project: str) -> ProjectChecked | None:
        """What the check of a project of a commit said."""
        return maybe(ProjectChecked, self._table.get(_commit(repository, sha), f"CHECKED#{project}"))

    def note_head(self, head: PullRequestChecked) -> None:
        """Make this the pull request's newest commit, unless a newer one is known."""
        key = pull_request(head.commit.repository, head.commit.pull_request or 0)
        self._forward(to_item(key, "HEAD", head), head.order)

    def head(self, repository: str, number: int) -> PullRequestChecked | None:
        """The newest commit of a pull request that was looked at."""
        return maybe(PullRequestChecked, self._table.get(pull_request(repository, number), "HEAD"))

    def note_commit_run(self, commit: Commit, run: RunRecord) -> None:
        """Make this the newest run of a commit, unless a newer one is known."""
        item = {"pk": _commit(commit.repository, commit.sha), "sk": f"RUN#{run.project}"}
        self._forward({**item, "id": run.run_id}, run.requested_at)

    def commit_run(self, repository: str, sha: str, project: str) -> str | None:
        """Id of the newest run of a project's commit."""
        return self._id(_commit(repository, sha), f"RUN#{project}")

    def note_commit_deployment(self, commit: Commit, deployment: DeploymentRecord) -> None:
        """Make this the newest deployment of a commit, unless a newer one is known."""
        item = {"pk": _commit(commit.repository, commit.sha), "sk": f"DEPLOYMENT#{deployment.project}"}
        self._forward({**item, "id": deployment.deployment_id}, deployment.started_at)

    def commit_deployment(self, repository: str, sha: str, project: str) -> str | None:
        """Id of the newest deployment of a project's commit."""
        return self._id(_commit(repository, sha), f"DEPLOYMENT#{project}")

    def follow_run(self, run_id: str, commit: Commit) -> None:
        """This commit, too, is told how the run ends. Written before the run is read: one of both sees it."""
        key = (f"RUN#{run_id}", f"FOLLOWED#{commit.repository}#{commit.sha}")
        self._table.put(to_item(*key, commit))

    def followers(self, run_id: str) -> list[Commit]:
        """Other commits that are told how the run ends."""
        return [from_item(Commit, item) for item in self._table.under(f"RUN#{run_id}", "FOLLOWED#")]

    def claim_place(self, key: Key, wanted: Place, *, stale_before: str) -> Place:
        """Let one owner make what belongs there; returns the place as it stands.

        A claim from before `stale_before` that has not made anything is taken over, with its nonce.
        """
        if self._table.put_if(to_item(*key, wanted), ABSENT):
            return wanted
        found = self.place(key)
        if found is None or found.github_id or found.claimed_at >= stale_before:
            return found or wanted
        taken = {"owner": wanted.owner, "claimed_at": wanted.claimed_at}
        self._table.change(*key, values=taken, when=equals("claimed_at", found.claimed_at))
        return self.place(key) or wanted

    def place(self, key: Key) -> Place | None:
        """What is known of a place."""
        return maybe(Place, self._table.get(*key))

    def fill_place(self, key: Key, nonce: str, github_id: int) -> None:
        """Note the id that GitHub gave."""
        self._table.change(*key, values={"github_id": github_id}, when=equals("nonce", nonce))

    def release_place(self, key: Key, owner: str) -> None:
        """Nothing was made, surely: the next one need not wait."""
        self._table.change(*key, values={"claimed_at": ""}, when=equals("owner", owner))

    def empty_place(self, key: Key, wanted: Place, *, lost: Place) -> Place:
        """What was there has been deleted on GitHub: claim it anew; returns the place as it stands."""
        self._table.change(*key, values=attributes(wanted), when=equals("nonce", lost.nonce))
        return self.place(key) or wanted

    def _forward(self, item: Item, order: str) -> None:
        """Of two with the same order, which GitHub tells to the second, the one that comes later."""
        self._table.put_if(item | {"order": order}, (*before("order", order), *equals("order", order)))

    def _id(self, pk: str, sk: str) -> str | None:
        item = self._table.get(pk, sk)
        return None if item is None else str(item["id"])


def _commit(repository: str, sha: str) -> str:
    return f"COMMIT#{repository}#{sha}"


def pull_request(repository: str, number: int) -> str:
    """Partition of a pull request."""
    return f"PULL#{repository}#{number}"


def comment_place(repository: str, number: int) -> Key:
    """Of the comment of a pull request."""
    return pull_request(repository, number), "COMMENT"


def check_run_place(repository: str, sha: str, project: str) -> Key:
    """Of the check run of a project's commit."""
    return _commit(repository, sha), f"CHECKRUN#{project}"
