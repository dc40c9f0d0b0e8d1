"""Events: facts in the past tense on the bus. `detail-type` is the class name, `source` is `sluiceway`."""

from datetime import UTC
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from sluiceway.contract import Contract
from sluiceway.names import Name, Version
from sluiceway.reasons import Reason

EVENT_SOURCE = "sluiceway"
Trigger = Literal["upload", "push", "schedule", "webhook", "api", "registry", "drift", "query"]
RunStatus = Literal["REQUESTED", "RUNNING", "SUCCEEDED", "REJECTED", "FAILED"]
"""REJECTED: the model was trained and registered, and the gate said no."""


LONGEST_PARAMETERS = 64 * 1024
"""Bytes of all parameters of a run together: an item of the ledger holds 400 KB."""


def _short_together(parameters: dict[str, str]) -> dict[str, str]:
    size = sum(len(name.encode()) + len(value.encode()) for name, value in parameters.items())
    if size > LONGEST_PARAMETERS:
        raise ValueError(f"parameters have {size} bytes together, the limit is {LONGEST_PARAMETERS}")
    return parameters


ParameterName = Annotated[str, StringConstraints(min_length=1, max_length=250)]
ParameterValue = Annotated[str, StringConstraints(max_length=6000, pattern=r"^[^\x00]*$")]
"""MLflow keeps 250 and 6,000 characters (`mlflow.utils.validation`); no command line holds a zero byte."""
Parameters = Annotated[
    dict[ParameterName, ParameterValue], Field(max_length=100), AfterValidator(_short_together)
]


def _in_utc(moment: AwareDatetime) -> AwareDatetime:
    """At the ends of the calendar a moment of another zone has no date in UTC."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("there is no such date in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Commit(Contract):
    """Where code came from, when it came from a repository."""

    repository: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$", max_length=201)
    """`owner/name`"""
    sha: str = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")
    ref: str = Field(max_length=1024)
    """`refs/heads/main`, `refs/pull/7/head`, … Only ever shown and compared, never run."""
    pull_request: int | None = None


class CodePushed(Contract):
    """A project's code was verified and stored as a code version."""

    event_id: str
    project: Name
    code_version: Version
    uri: str
    trigger: Trigger
    commit: Commit | None = None


class ProjectRetired(Contract):
    """Nothing starts runs of a project by itself any more, until other code becomes its latest."""

    event_id: str
    project: Name
    reason: Reason
    commit: Commit


class DatasetVersioned(Contract):
    """A dataset has settled as a new version."""

    event_id: str
    dataset: Name
    dataset_version: Version
    uri: str
    objects: int
    bytes: int
    trigger: Trigger
    project: Name | None = None
    """Only this one is to decide (again); None: each that has named the dataset."""


class DatasetIncomplete(Contract):
    """The deadline of a manifest passed, and not all that it names was there."""

    event_id: str
    dataset: Name
    missing: int
    reason: Reason


class ScheduleFired(Contract):
    """A moment of a project's schedule has come."""

    event_id: str
    """The same for every delivery: made of project, schedule and the moment."""
    project: Name
    schedule: Name
    scheduled_at: str = Field(max_length=40)
    waited_as: str | None = None
    """Of a moment that had to wait for the end of a run: the event of the moment itself."""


class RunAsked(Contract):
    """Somebody asked for a run: a person, another system, a comment on a pull request."""

    event_id: str
    project: Name
    code_version: Version | None = None
    """None: the project's latest code."""
    dataset_versions: dict[Name, Version] = Field(default_factory=dict, max_length=100)
    """Datasets that are not named here: their latest versions."""
    parameters: Parameters = Field(default_factory=dict)
    """In place of the values of `sluice.yaml`, in each step whose entry point has such a parameter."""
    steps: tuple[Name, ...] = Field(default=(), max_length=20)
    """Only these steps and what they need; nothing is evaluated then. Empty: the whole pipeline."""
    force: bool = False
    """Run although a run of the same inputs has succeeded, or goes on."""
    preview: bool = False
    """Try it under `preview:` of `sluice.yaml`; nothing is registered."""
    trigger: Trigger = "api"
    asked_by: str | None = Field(default=None, max_length=256)
    commit: Commit | None = None


class DeploymentAsked(Contract):
    """Somebody asked for a deployment: of a version, of what a run made, or of what was live before."""

    event_id: str
    project: Name
    model_version: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,9}$")
    run_id: str | None = Field(default=None, min_length=1, max_length=128)
    rollback: bool = False
    """What was live before the present version."""
    trigger: Trigger = "api"
    asked_by: str | None = Field(default=None, max_length=256)


class QueryAsked(Contract):
    """A query that makes a dataset is due: by its schedule, or because somebody asked."""

    event_id: str = Field(max_length=256)
    """The same for every delivery."""
    dataset: Name
    project: Name | None = None
    """Whose query; None: there is only one."""
    asked_at: Moment
    """The moment of the schedule. Of two results the one that was asked for later stands."""
    trigger: Trigger = "api"
    asked_by: str | None = Field(default=None, max_length=256)


class RegistryChanged(Contract):
    """The registry says that the alias `champion` of a model was moved: reason to look at once."""

    event_id: str
    project: Name


class RunRequested(Contract):
    """A run was claimed and its state machine started."""

    event_id: str
    run_id: str
    project: Name
    code_version: Version
    dataset_versions: dict[str, Version]
    trigger: Trigger
    rerun: int


class RunFinished(Contract):
    """A run reached its end state, good or bad."""

    event_id: str
    run_id: str
    project: Name
    status: RunStatus
    reason: Reason
    model_version: str | None
    deployed: bool


class ModelRegistered(Contract):
    """A model version was registered in MLflow."""

    event_id: str
    run_id: str
    project: Name
    model_version: str


class DeploymentFinished(Contract):
    """A deployment reached its end state."""

    event_id: str
    deployment_id: str
    project: Name
    endpoint: str
    model_version: str
    status: Literal["SUCCEEDED", "FAILED"]
    reason: Reason


class RunPipelineInput(Contract):
    """What `run_pipeline` is started with: everything else is in the ledger."""

    run_id: str
