"""SageMaker's answers, and what they mean for a deployment. Requests are checked against botocore's model."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from sluiceway.errors import DeploymentFailed, LostRace
from sluiceway.gateways.hosting import EndpointConfig, HostedModel, SageMakerHosting

MODEL = HostedModel(
    name="m",
    image="registry/env@sha256:1",
    artifact_uri="s3://a/model",
    role_arn="arn:aws:iam::123456789012:role/endpoints",
)
CONFIG = EndpointConfig(name="c", model="m", instance_type="ml.m5.large", instance_count=2)
Stubbed = tuple[SageMakerHosting, Stubber]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    """The gateway, and what SageMaker is going to answer."""
    client = boto3.client("sagemaker", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stubber:
        yield SageMakerHosting(client), stubber


def test_a_model_is_a_folder_and_a_pinned_image(stubbed: Stubbed) -> None:
    """SageMaker takes prefixes only with a slash at the end; the model's code gets no network and no role."""
    hosting, stubber = stubbed
    source = {"S3Uri": "s3://a/model/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {"Image": MODEL.image, "ModelDataSource": {"S3DataSource": source}}
    asked = {"ModelName": "m", "PrimaryContainer": container, "ExecutionRoleArn": MODEL.role_arn}
    asked["EnableNetworkIsolation"] = True
    stubber.add_response("create_model", {"ModelArn": "arn:aws:sagemaker:us-east-1:1:model/m"}, asked)
    hosting.ensure_model(MODEL)


def test_what_stands_already_is_ones_own(stubbed: Stubbed) -> None:
    """Names are made from the deployment."""
    hosting, stubber = stubbed
    _refuse(stubber, "create_model", 'Cannot create already existing model "arn".')
    _refuse(stubber, "create_endpoint_config", 'Cannot create already existing endpoint configuration "arn".')
    hosting.ensure_model(MODEL)
    hosting.ensure_config(CONFIG)


def test_a_refusal_for_good_says_why(stubbed: Stubbed) -> None:
    """And what to do about a quota."""
    hosting, stubber = stubbed
    _refuse(stubber, "create_endpoint_config", "limit is 0 Instances", code="ResourceLimitExceeded")
    _refuse(stubber, "create_model", "Requested image not found.")
    with pytest.raises(DeploymentFailed, match="higher quota"):
        hosting.ensure_config(CONFIG)
    with pytest.raises(DeploymentFailed, match="image not found"):
        hosting.ensure_model(MODEL)


def test_an_endpoint_that_changes_is_worth_another_try(stubbed: Stubbed) -> None:
    """Another deployment, or a restoration, is under way."""
    hosting, stubber = stubbed
    _refuse(stubber, "update_endpoint", 'Cannot update in-progress endpoint "arn".')
    _refuse(stubber, "create_endpoint", 'Cannot create already existing endpoint "arn".')
    with pytest.raises(LostRace):
        hosting.update("e", "c")
    with pytest.raises(LostRace):
        hosting.create("e", "c")


def test_no_endpoint_is_none_and_need_not_be_deleted(stubbed: Stubbed) -> None:
    """SageMaker says so by a ValidationException."""
    hosting, stubber = stubbed
    _refuse(stubber, "describe_endpoint", 'Could not find endpoint "arn".')
    _refuse(stubber, "delete_endpoint", 'Could not find endpoint "arn".')
    assert hosting.describe("e") is None
    hosting.delete("e")


def test_the_configuration_that_an_update_moves_to_is_told(stubbed: Stubbed) -> None:
    """Until it has ended, SageMaker names the old one as the endpoint's own."""
    hosting, stubber = stubbed
    answer: dict[str, Any] = {
        "EndpointName": "e",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:1:endpoint/e",
        "EndpointConfigName": "old",
        "EndpointStatus": "Updating",
        "CreationTime": 0,
        "LastModifiedTime": 0,
        "PendingDeploymentSummary": {"EndpointConfigName": "new"},
    }
    stubber.add_response("describe_endpoint", answer, {"EndpointName": "e"})
    found = hosting.describe("e")
    assert found is not None
    assert (found.config, found.pending_config, found.changing) == ("old", "new", True)


def _refuse(stubber: Stubber, operation: str, message: str, code: str = "ValidationException") -> None:
    stubber.add_client_error(operation, code, message, 400)
