"""Endpoints: one deployment is one attempt to put a model version behind its project's endpoint."""

from typing import Literal

from sluiceway.contract import Contract
from sluiceway.names import Name
from sluiceway.reasons import Reason


class DeployModelInput(Contract):
    """What `deploy_model` is started with; the execution's name is the deployment's id."""

    run_id: str
    """The run that registered the version: its image and its plan serve it."""
    model_version: str
    restores: str | None = None
    """Of a rollback: the earlier deployment whose version comes back."""


class DeploymentVerdict(Contract):
    """What a wish for a deployment comes to; kept before anything is done, so that it stands."""

    outcome: Literal["requested", "unchanged", "refused"]
    reason: Reason
    wanted: DeployModelInput | None = None
    """Given when a deployment is to be started."""


class StartDeploymentInput(Contract):
    """The model version that a run registered, to be served."""

    deployment_id: str
    run_id: str
    model_version: str
    restores: str | None = None


class StartDeploymentOutput(Contract):
    """What was asked of SageMaker."""

    deployment_id: str
    endpoint: str
    endpoint_config: str


class CheckDeploymentInput(Contract):
    """A deployment that was started."""

    deployment_id: str


DeploymentOutcome = Literal["IN_PROGRESS", "IN_SERVICE", "FAILED"]


class CheckDeploymentOutput(Contract):
    """How far it is."""

    deployment_id: str
    outcome: DeploymentOutcome
    reason: Reason


class VerifyDeploymentInput(Contract):
    """A deployment whose endpoint is in service."""

    deployment_id: str


class VerifyDeploymentOutput(Contract):
    """How many predictions were compared with those of the evaluation."""

    deployment_id: str
    compared: int


class PromoteModelInput(Contract):
    """A deployment that answered rightly."""

    deployment_id: str


class PromoteModelOutput(Contract):
    """What is live now."""

    deployment_id: str
    endpoint: str
    model_version: str


class FailDeploymentInput(Contract):
    """A deployment that ended badly, in Step Functions' words."""

    deployment_id: str
    run_id: str
    model_version: str
    error: str
    cause: str | None = None


class FailDeploymentOutput(Contract):
    """The recorded failure, for a person to act on, and what the endpoint serves."""

    deployment_id: str
    error: str
    reason: Reason


class SweepRegistryInput(Contract):
    """Where to look whether somebody moved the alias `champion`."""

    project: Name | None = None
    """None: everywhere."""


class SweepRegistryOutput(Contract):
    """What a sweep found."""

    looked_at: int
    """Models that have the alias."""
    asked: tuple[str, ...]
    """Projects whose alias a person had moved: their deployment is asked for."""
