"""What people do at GitHub, and what GitHub then tells, in the proofs."""

from collections.abc import Callable, Sequence

from sluiceway.github.names import HEADS
from tests.proofs.commits import (
    FORK,
    FRIEND,
    MAIN,
    PULLS,
    REPOSITORY,
    STRANGE,
    STRANGER,
    UNCONNECTED,
    WRITER,
    changed_paths,
)
from tests.proofs.driver import Story, _complete_data, _delete_data, _put_data
from tests.proofs.github_cloud import GitHubCloud
from tests.proofs.services import moment

NOBODYS = "0" * 39 + "1"
"""A commit that there is not."""


def _push(cloud: GitHubCloud, number: int) -> None:
    """To any other commit: forwards, or forced back."""
    sha = [each for each in MAIN if each != cloud.repository.branches.get("main")][
        number // 7 % (len(MAIN) - 1)
    ]
    before = cloud.move(sha)
    cloud.tell("push", number, ref=f"{HEADS}main", before=before, after=sha)


def _push_to_and_fro(cloud: GitHubCloud, number: int) -> None:
    """Three times before anybody looks."""
    for turn in range(3):
        _push(cloud, number + turn * 29)


def _propose(cloud: GitHubCloud, number: int) -> None:
    """A pull request is opened, gets another head, or becomes ready; its head may be in a named fork."""
    pull = number // 7 % 2 + 1
    head = FRIEND if pull == 2 and number // 3 % 2 else REPOSITORY
    _open(cloud, number, pull, sha=PULLS[number // 14 % len(PULLS)], head=head, draft=number % 5 == 0)


def _propose_from_a_fork(cloud: GitHubCloud, number: int) -> None:
    _open(cloud, number, 3, sha=STRANGE[number // 7 % len(STRANGE)], head=FORK, draft=False)


def _open(cloud: GitHubCloud, number: int, pull: int, *, sha: str, head: str, draft: bool) -> None:
    cloud.repository.pulls[pull] = {
        "number": pull,
        "state": "open",
        "draft": draft,
        "updated_at": moment(cloud.clock),
        "head": {"sha": sha, "ref": "changes", "repo": {"full_name": head}},
        "base": {"ref": "main"},
    }
    cloud.repository.changed[pull] = changed_paths(sha)
    cloud.tell("pull_request", number, action="synchronize", number=pull)


def _close(cloud: GitHubCloud, number: int) -> None:
    pull = cloud.repository.pulls.get(number // 7 % 3 + 1)
    if pull is not None:
        pull["state"] = "closed"
        cloud.tell("pull_request", number, action="closed", number=pull["number"])


LINES = ("run one", "run one --force", "run two", "run", "run nothing", "dance")


def _comment(cloud: GitHubCloud, number: int, *, author: str = WRITER) -> None:
    """On a pull request, or on an issue."""
    issue = number // 7 % 4 + 1
    cloud.tell(
        "issue_comment",
        number,
        action="created",
        issue={"number": issue, "pull_request": {} if issue in cloud.repository.pulls else None},
        comment={
            "id": next(cloud.comments),
            "body": f"/sluice {LINES[number // 28 % len(LINES)]}",
            "user": {"login": author},
        },
    )


def _comment_of_a_stranger(cloud: GitHubCloud, number: int) -> None:
    _comment(cloud, number, author=STRANGER)


def _deliver_again(cloud: GitHubCloud, number: int) -> None:
    """Somebody presses "Redeliver", or a second webhook tells the same under an id of its own."""
    if not cloud.deliveries:
        return
    old = cloud.deliveries[number // 7 % len(cloud.deliveries)]
    guid = old.delivery_id if number % 2 else f"again-{next(cloud.guids):08d}"
    cloud.come(old.model_copy(update={"delivery_id": guid, "received_at": cloud.now()}))


def _foreign(cloud: GitHubCloud, number: int) -> None:
    """What is not connected, and what is not true."""
    _FOREIGN[number % len(_FOREIGN)](cloud, number)


def _other_branch(cloud: GitHubCloud, _: int) -> None:
    cloud.repository.branches["develop"] = STRANGE[0]
    cloud.tell("push", ref=f"{HEADS}develop", before=STRANGE[1], after=STRANGE[0])


def _other_repository(cloud: GitHubCloud, _: int) -> None:
    cloud.site.repository(UNCONNECTED).branches["main"] = STRANGE[0]
    cloud.tell("push", repository=UNCONNECTED, ref=f"{HEADS}main", before=STRANGE[1], after=STRANGE[0])


def _untrue_push(cloud: GitHubCloud, number: int) -> None:
    after = (NOBODYS, STRANGE[0], MAIN[number % len(MAIN)])[number // 7 % 3]
    cloud.tell("push", ref=f"{HEADS}main", before=MAIN[number // 3 % len(MAIN)], after=after)


def _untrue_pull_request(cloud: GitHubCloud, _: int) -> None:
    cloud.tell("pull_request", action="opened", number=99)


_FOREIGN = (_other_branch, _other_repository, _untrue_push, _untrue_pull_request)


def _reconcile(cloud: GitHubCloud, _: int) -> None:
    cloud.send("reconcile", None)


_CAUSES: Sequence[Callable[[GitHubCloud, int], None]] = (
    _push, _push, _push, _push, _propose, _propose, _propose, _comment, _comment, _comment,
    _comment_of_a_stranger, _close, _propose_from_a_fork, _foreign, _foreign,
    _deliver_again, _deliver_again, _deliver_again, _put_data, _put_data, _complete_data, _delete_data,
)  # fmt: skip
DELIVERIES = Story(GitHubCloud, _CAUSES, (*_CAUSES, *(_push_to_and_fro,) * 8, _reconcile))
"""Pushes, pull requests and comments of a connected repository."""
