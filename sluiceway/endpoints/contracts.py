"""Endpoints: one deployment is one attempt to put a model version behind its project's endpoint."""

from typing import Literal

from sluiceway.contract import Contract
from sluiceway.reasons import Reason


class StartDeploymentInput(Contract):
    """The model version that a run registered, to be served."""

    deployment_id: str
    run_id: str
    model_version: str


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
