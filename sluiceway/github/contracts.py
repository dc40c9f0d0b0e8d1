"""What crosses the boundaries of this slice: verified deliveries, and what was found out about projects."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sluiceway.contract import Contract
from sluiceway.github.names import MAX_REF, DeliveryId, Repository, Sha
from sluiceway.names import Name
from sluiceway.reasons import Reason
from sluiceway.triggers.contracts import Commit

Ref = Annotated[str, Field(max_length=MAX_REF)]
"""Untrusted: only ever shown and compared."""
Login = Annotated[str, Field(max_length=120)]
Number = Annotated[int, Field(ge=1, le=2**53)]


class PushTold(Contract):
    """A ref has moved, says GitHub; where it really is now is asked."""

    kind: Literal["push"] = "push"
    ref: Ref
    before: Sha
    after: Sha
    """Only zeros: the ref was deleted."""


class PullRequestTold(Contract):
    """Something happened to a pull request; how it stands now is asked."""

    kind: Literal["pull_request"] = "pull_request"
    action: str = Field(max_length=64)
    number: Number


class ReleaseTold(Contract):
    """Something happened to a release."""

    kind: Literal["release"] = "release"
    action: str = Field(max_length=64)
    release_id: Number
    tag: Ref


class DispatchTold(Contract):
    """Somebody, or a workflow, asks for something: `workflow_dispatch` or `repository_dispatch`."""

    kind: Literal["dispatch"] = "dispatch"
    name: str = Field(max_length=256)
    """Path of the workflow, or the `event_type`."""
    ref: Ref | None = None
    inputs: dict[str, str] = Field(default_factory=dict, max_length=25)


class CommentTold(Contract):
    """Somebody wrote a comment on an issue or a pull request."""

    kind: Literal["comment"] = "comment"
    comment_id: Number
    number: Number
    pull_request: bool
    author: Login
    line: str = Field(max_length=1000)
    """The first line, where it is a command; the rest is not carried on."""


Told = Annotated[
    PushTold | PullRequestTold | ReleaseTold | DispatchTold | CommentTold, Field(discriminator="kind")
]


class Delivery(Contract):
    """A webhook whose signature was right: only what is used of its payload."""

    delivery_id: DeliveryId
    repository: Repository
    sender: Login
    received_at: str
    told: Told


class ProblemFound(Contract):
    """One thing that somebody has to change."""

    path: str = Field(max_length=1024)
    """From the top of the repository, as GitHub's annotations want it."""
    line: int | None = None
    """Counted from 1."""
    message: str = Field(max_length=2000)


class ProjectChecked(Contract):
    """A project of a pull request's head, or of a push, was validated and planned."""

    event_id: str
    project: Name
    commit: Commit
    """`pull_request` is set for pull requests; `ref` is the branch, untrusted."""
    order: str
    """Text that sorts as the heads of this pull request, or of this branch, came about."""
    folder: str = Field(default="", max_length=1024)
    """In the repository; empty: its top."""
    outcome: Literal["invalid", "planned", "asked"]
    """invalid: `problems` say why; planned: only validated, `reason` says why; asked: a run was asked for."""
    reason: Reason = ""
    problems: tuple[ProblemFound, ...] = Field(default=(), max_length=50)
    config: dict[str, Any] = Field(default_factory=dict)
    """`sluice.yaml` as JSON, without what it leaves at its default; empty where it is invalid."""
    image_ready: bool | None = None
    """Whether the image of its environment has been built already; None: not known."""
    asked: str | None = None
    """Id of the event that asks for the run: `RunAsked` of a pull request, `CodePushed` of a push."""


class PullRequestChecked(Contract):
    """The head of a pull request was looked at, and each project that it changes."""

    event_id: str
    commit: Commit
    order: str
    projects: tuple[Name, ...] = Field(max_length=100)
    """None: it changes no project."""


class ReconcileGitHubOutput(Contract):
    """What a look at GitHub found that nobody had heard of."""

    repositories: int
    missed: tuple[str, ...]
    """`owner/name: push` and the like; each was put on the queue."""
