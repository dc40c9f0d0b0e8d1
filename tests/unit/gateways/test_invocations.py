"""What an endpoint's refusals mean."""

import boto3
import pytest
from botocore.stub import Stubber

from sluiceway.errors import DeploymentFailed, ServiceUnavailable
from sluiceway.gateways.invocations import SageMakerInvocations


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ModelError", 424, DeploymentFailed),
        ("ValidationError", 400, DeploymentFailed),
        ("ThrottlingException", 400, ServiceUnavailable),
        ("ServiceUnavailable", 503, ServiceUnavailable),
    ],
)
def test_a_model_that_refuses_is_final_and_a_service_that_is_busy_is_not(
    code: str, status: int, error: type[Exception]
) -> None:
    """The first fails the deployment, the second is tried again."""
    client = boto3.client("sagemaker-runtime", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stubber:
        stubber.add_client_error("invoke_endpoint", code, "no", status)
        with pytest.raises(error):
            SageMakerInvocations(client).invoke("e", "{}")
