"""Events: facts in the past tense on the bus. `detail-type` is the class name, `source` is `sluiceway`."""

from typing import Literal

from sluiceway.contract import Contract
from sluiceway.names import Name, Version
from sluiceway.reasons import Reason

EVENT_SOURCE = "sluiceway"
Trigger = Literal["upload", "push", "schedule", "webhook", "api", "registry", "drift"]
RunStatus = Literal["REQUESTED", "RUNNING", "SUCCEEDED", "REJECTED", "FAILED"]
"""REJECTED: the model was trained and registered, and the gate said no."""


class CodePushed(Contract):
    """A project's code was verified and stored as a code version."""

    event_id: str
    project: Name
    code_version: Version
    uri: str
    trigger: Trigger


class DatasetVersioned(Contract):
    """A dataset has settled as a new version."""

    event_id: str
    dataset: Name
    dataset_version: Version
    uri: str
    objects: int
    bytes: int
    trigger: Trigger


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
