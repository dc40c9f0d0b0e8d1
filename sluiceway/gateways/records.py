"""What the ledger keeps. Times are text as `sluiceway.clock.utc_now` writes it; None: not yet known."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from sluiceway.contract import Contract
from sluiceway.names import Name, Version
from sluiceway.reasons import Reason
from sluiceway.triggers.contracts import Commit, RunStatus, Trigger

ENDED: frozenset[str] = frozenset({"SUCCEEDED", "REJECTED", "FAILED"})
"""End states of a run: none of them ever becomes another."""


class Claim(StrEnum):
    """How a conditional write ended, after the owner was read back."""

    WON = "won"
    """This call wrote it."""
    MINE = "mine"
    """It was already written by the same owner: an answer was lost, or the caller runs again."""
    THEIRS = "theirs"
    """Somebody else's stands; nothing was changed."""

    @property
    def ours(self) -> bool:
        """Whether what stands now is the caller's."""
        return self is not Claim.THEIRS


class RunFacts(Contract):
    """What becomes known while a run goes on. Fields that are None leave the record as it is."""

    execution_arn: str | None = None
    image_tag: str | None = None
    image_digest: str | None = None
    model_version: str | None = None
    gate: str | None = Field(default=None, description="the gate's verdict as a sentence")
    deployed: bool | None = None


class RunRecord(Contract):
    """One execution of a project's pipeline, or an upload that was refused before there could be one."""

    run_id: str
    project: Name
    status: RunStatus = "REQUESTED"
    reason: Reason = ""
    trigger: Trigger
    event_id: str
    """Event that claimed the run: its owner."""
    code_version: Version | None = None
    dataset_versions: dict[str, Version] = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    steps: tuple[Name, ...] = ()
    """Only these and what they need; empty: the whole pipeline."""
    preview: bool = False
    """Registers nothing, deploys nothing."""
    schedule: str | None = None
    asked_by: str | None = None
    commit: Commit | None = None
    rerun: int = 0
    requested_at: str
    started_at: str | None = None
    finished_at: str | None = None
    finished_by: str | None = None
    """Who recorded the end state."""
    execution_arn: str | None = None
    image_tag: str | None = None
    image_digest: str | None = None
    model_version: str | None = None
    gate: str | None = None
    deployed: bool = False

    @property
    def ended(self) -> bool:
        """Whether the run has reached an end state."""
        return self.status in ENDED


Outcome = Literal[
    "accepted",  # an upload was taken in: code was stored, or a dataset is going to be settled
    "refused",  # it cannot be used; the reason says why
    "superseded",  # something newer was there already
    "ignored",  # not for us, or nobody is interested
    "versioned",  # a dataset settled as a new version
    "unchanged",  # same inputs as before: nothing to do
    "waiting",  # a project still lacks a dataset
    "requested",  # a run, or a deployment, was requested
    "skipped",  # a run of the same schedule is still going
    "queued",  # it waits for the end of another run
    "incomplete",  # a manifest's deadline passed, and not all that it names was there
    "reported",  # GitHub shows it
]
"""How an event ended."""


class EventRecord(Contract):
    """An event and how it ended. For what an event meant to one project, the id is `<event id>.<project>`."""

    event_id: str
    event: str
    """What happened: `ObjectCreated`, `DatasetSettled`, `CodePushed`, `DatasetVersioned`."""
    subject: str
    """Key, dataset or project that it happened to."""
    outcome: Outcome
    reason: Reason = ""
    project: str | None = None
    dataset: str | None = None
    run_id: str | None = None
    deployment_id: str | None = None
    cause: dict[str, Any] | None = None
    """Of a decision: the event that was decided on, as it came over the bus."""
    situation: dict[str, Any] | None = None
    """Of a decision: what the ledger said at that moment (`sluiceway.triggers.situation`)."""
    run_key: str | None = None
    """Of a decision that asks for a run: the key of its inputs (`sluiceway.triggers.run_key`)."""
    recorded_at: str


class CodePointer(Contract):
    """The latest code version of a project (`PROJECT#…/CODE`), and each earlier one beside it."""

    project: Name
    code_version: Version
    uri: str
    order: str
    """Text that sorts as the uploads happened."""
    event_id: str
    trigger: Trigger
    datasets: tuple[Name, ...]
    config: str
    """`sluice.yaml` as JSON, without what it leaves at its default."""
    parameters: tuple[str, ...] | None = None
    """Names of the parameters that a run may be given; None: not noted when the code was collected."""
    commit: Commit | None = None
    retired: str | None = None
    """Why nothing starts runs of the project by itself, until other code becomes its latest."""
    moved_at: str


class BranchPointer(Contract):
    """What was taken in of a repository's branch last (`REPOSITORY#…/BRANCH#…`)."""

    repository: str
    branch: str
    sha: str
    event_id: str
    """Of the push."""
    projects: dict[str, Version] = Field(default_factory=dict)
    """Code version of each project that the commit holds, by folder; `""` is the repository's top.

    Without those whose code a push has begun to move: what it is now, only their own pointers say.
    """
    brought: dict[Name, str] = Field(default_factory=dict)
    """Folder of each project whose code the branch has brought, or has begun to bring, by name."""
    begun: str | None = None
    """Event of a push that has begun to move code since; whoever works on it may have died."""
    state: str = Field(default_factory=lambda given: str(given.get("event_id", "")))
    """Another one after each write: whoever comes next names it."""
    moved_at: str


class DatasetPointer(Contract):
    """The latest version of a dataset (`DATASET#…/LATEST`), and each earlier one beside it."""

    dataset: Name
    version: Version
    uri: str
    objects: int
    bytes: int
    order: str
    """Text that sorts as the listings from which the versions were made."""
    event_id: str
    moved_at: str
    upload: str | None = None
    """Event of the newest upload that was noted when it was made."""
    state: str | None = None
    """Id of what lay there when it was last found to be the latest (`manifest.state_of`)."""
    confirmed: bool = False
    """The event is about the same data that were uploaded again."""
    statement: str | None = None
    """S3 version of the `_MANIFEST.json` whose statements it fulfils."""
    previous: Version | None = None
    """The version before, and how many objects of it were added, changed and removed."""
    added: int | None = None
    changed: int | None = None
    removed: int | None = None


class ImageRecord(Contract):
    """The container image of an environment, pinned by digest, and the Batch job definition that runs it."""

    tag: str
    digest: str
    uri: str
    """`<repository>@sha256:…`"""
    job_definition_arn: str
    build_id: str | None = None
    recorded_at: str


class EndpointRecord(Contract):
    """What a project's endpoint serves."""

    project: Name
    endpoint: str
    endpoint_config: str | None = None
    model_version: str
    image_tag: str
    artifact_uri: str
    deployment_id: str
    run_id: str
    moved_at: str


DeploymentStatus = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]


class DeploymentRecord(Contract):
    """One attempt to put a model version behind an endpoint; kept for ever."""

    deployment_id: str
    project: Name
    run_id: str
    endpoint: str
    endpoint_config: str | None = None
    previous_endpoint_config: str | None = None
    previous_deployment_id: str | None = None
    restores: str | None = None
    """Of a rollback: the earlier deployment whose version it brings back."""
    model_version: str
    image_tag: str
    artifact_uri: str
    status: DeploymentStatus = "IN_PROGRESS"
    reason: Reason = ""
    owner: str
    """Who may carry this deployment on, e.g. the name of the execution."""
    started_at: str
    finished_at: str | None = None
