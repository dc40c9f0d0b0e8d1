"""Invoking SageMaker endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError, HTTPClientError

from sluiceway.errors import DeploymentFailed, ServiceUnavailable
from sluiceway.gateways.aws_errors import error_code, is_transient

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


class Invocations(Protocol):
    """Where predictions are asked for."""

    def invoke(self, endpoint: str, body: str) -> str:
        """Send JSON and return the answer's body.

        Raises `DeploymentFailed` when the model refuses, `ServiceUnavailable` when nobody answers.
        """


class SageMakerInvocations:
    """`Invocations` of SageMaker endpoints."""

    def __init__(self, client: SageMakerRuntimeClient) -> None:
        self._client = client

    def invoke(self, endpoint: str, body: str) -> str:
        """Send JSON and return the answer's body."""
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=endpoint, ContentType="application/json", Accept="application/json", Body=body
            )
        except HTTPClientError as error:
            raise ServiceUnavailable(f"endpoint {endpoint} did not answer: {error}") from error
        except ClientError as error:
            raise _refused(error, endpoint) from error
        return answer["Body"].read().decode()


def _refused(error: ClientError, endpoint: str) -> Exception:
    """A model's own error answer is final; SageMaker's throttling and faults are not."""
    if error_code(error) == "ModelError":
        status = error.response.get("OriginalStatusCode", "an error")
        return DeploymentFailed(
            f"endpoint {endpoint} answered {status}: {error.response.get('OriginalMessage', '')}"
        )
    if is_transient(error):
        return ServiceUnavailable(f"endpoint {endpoint}: {error}")
    return DeploymentFailed(f"endpoint {endpoint} could not be invoked: {error}")
