"""SageMaker hosting: models, endpoint configurations and endpoints. Invoking them: `invocations.py`.

Models and configurations are named after the deployment that needs them: a second creation is one's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from sluiceway.errors import DeploymentFailed, LostRace
from sluiceway.gateways.aws_errors import asking, error_code

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.literals import ProductionVariantInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import ContainerDefinitionTypeDef

VARIANT = "main"
"""Never renamed: SageMaker rolls back only while a variant keeps its name."""


@dataclass(frozen=True, kw_only=True)
class HostedModel:
    """A model as SageMaker serves it: an image, and the S3 folder that holds `MLmodel`."""

    name: str
    image: str
    artifact_uri: str
    role_arn: str


@dataclass(frozen=True, kw_only=True)
class EndpointConfig:
    """One model on a number of machines."""

    name: str
    model: str
    instance_type: str
    instance_count: int


@dataclass(frozen=True)
class Endpoint:
    """What SageMaker says of an endpoint."""

    name: str
    config: str
    status: str
    reason: str = ""
    pending_config: str | None = None
    """The configuration that an update under way moves it to."""

    @property
    def changing(self) -> bool:
        """Whether it cannot be updated now."""
        return self.status in CHANGING


CHANGING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


ADVICE = {
    "ResourceLimitExceeded": "; ask for a higher quota, or use another instance type in sluice.yaml",
    "ValidationException": "",
}
"""By SageMaker's error code: what to do about a refusal."""


class Hosting(Protocol):
    """Where models are served."""

    def ensure_model(self, model: HostedModel) -> None:
        """Create the model unless there is one of that name."""

    def ensure_config(self, config: EndpointConfig) -> None:
        """Create the configuration unless there is one of that name."""

    def describe(self, endpoint: str) -> Endpoint | None:
        """The endpoint, where there is one."""

    def create(self, endpoint: str, config: str) -> None:
        """Create the endpoint; raises `LostRace` when there is one."""

    def update(self, endpoint: str, config: str) -> None:
        """Move the endpoint to the configuration; raises `LostRace` while it is changing."""

    def delete(self, endpoint: str) -> None:
        """Delete the endpoint, if there is one; raises `LostRace` while it is changing."""


class SageMakerHosting:
    """`Hosting` on SageMaker endpoints."""

    def __init__(self, client: SageMakerClient) -> None:
        self._client = client

    def ensure_model(self, model: HostedModel) -> None:
        """Create the model unless there is one of that name."""
        container: ContainerDefinitionTypeDef = {"Image": model.image}
        container["ModelDataSource"] = {
            "S3DataSource": {
                "S3Uri": f"{model.artifact_uri.rstrip('/')}/",
                "S3DataType": "S3Prefix",
                "CompressionType": "None",
            }
        }
        with _unless_there("model", model.name):
            self._client.create_model(
                ModelName=model.name,
                PrimaryContainer=container,
                ExecutionRoleArn=model.role_arn,
                # A model may hold any code: SageMaker fetches it, and it gets neither the role nor a network.
                EnableNetworkIsolation=True,
            )

    def ensure_config(self, config: EndpointConfig) -> None:
        """Create the configuration unless there is one of that name."""
        instance_type: ProductionVariantInstanceTypeType = config.instance_type  # type: ignore[assignment]
        with _unless_there("endpoint configuration", config.name):
            self._client.create_endpoint_config(
                EndpointConfigName=config.name,
                ProductionVariants=[
                    {
                        "VariantName": VARIANT,
                        "ModelName": config.model,
                        "InstanceType": instance_type,
                        "InitialInstanceCount": config.instance_count,
                        "InitialVariantWeight": 1.0,
                    }
                ],
            )

    def describe(self, endpoint: str) -> Endpoint | None:
        """The endpoint, where there is one."""
        try:
            with asking("SageMaker", f"DescribeEndpoint {endpoint}"):
                found = self._client.describe_endpoint(EndpointName=endpoint)
        except ClientError as error:
            if _missing(error):
                return None
            raise
        return Endpoint(
            endpoint,
            found.get("EndpointConfigName", ""),
            found["EndpointStatus"],
            found.get("FailureReason", ""),
            found.get("PendingDeploymentSummary", {}).get("EndpointConfigName"),
        )

    def create(self, endpoint: str, config: str) -> None:
        """Create the endpoint; raises `LostRace` when there is one."""
        try:
            with asking("SageMaker", f"CreateEndpoint {endpoint}"):
                self._client.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)
        except ClientError as error:
            if _exists(error):
                raise LostRace(f"endpoint {endpoint} was created meanwhile") from error
            raise _explained(error, f"CreateEndpoint {endpoint}") from error

    def update(self, endpoint: str, config: str) -> None:
        """Move the endpoint to the configuration; raises `LostRace` while it is changing."""
        try:
            with asking("SageMaker", f"UpdateEndpoint {endpoint}"):
                self._client.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
        except ClientError as error:
            if _busy(error):
                raise LostRace(f"endpoint {endpoint} is being changed") from error
            raise _explained(error, f"UpdateEndpoint {endpoint}") from error

    def delete(self, endpoint: str) -> None:
        """Delete the endpoint, if there is one; raises `LostRace` while it is changing."""
        try:
            with asking("SageMaker", f"DeleteEndpoint {endpoint}"):
                self._client.delete_endpoint(EndpointName=endpoint)
        except ClientError as error:
            if _busy(error):
                raise LostRace(f"endpoint {endpoint} is being changed") from error
            if not _missing(error):
                raise _explained(error, f"DeleteEndpoint {endpoint}") from error


@contextmanager
def _unless_there(what: str, name: str) -> Iterator[None]:
    """Names are made from the deployment, so what stands under the name is one's own: an answer was lost."""
    try:
        with asking("SageMaker", f"create {what} {name}"):
            yield
    except ClientError as error:
        if not _exists(error):
            raise _explained(error, f"creating {what} {name}") from error


def _explained(error: ClientError, what: str) -> Exception:
    """What SageMaker refuses for good becomes a failed deployment that says why."""
    advice = ADVICE.get(error_code(error))
    return error if advice is None else DeploymentFailed(f"{what}: {_text(error)}{advice}")


def _busy(error: ClientError) -> bool:
    return "in-progress" in _text(error) or error_code(error) == "ResourceInUse"


def _exists(error: ClientError) -> bool:
    return "already exist" in _text(error).lower()


def _missing(error: ClientError) -> bool:
    text = _text(error).lower()
    return error_code(error) == "ResourceNotFound" or "could not find" in text or "does not exist" in text


def _text(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", error))
