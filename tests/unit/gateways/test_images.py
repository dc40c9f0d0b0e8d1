"""ECR, build logs and job definitions. Requests are checked against botocore's model."""

from typing import Any

import boto3
from botocore.stub import Stubber

from sluiceway.gateways.images import CloudWatchBuildLogs, EcrImages
from sluiceway.gateways.jobs import BatchJobs, JobDefinition

DIGEST = "sha256:" + "1" * 64


def _client(service: str) -> Any:
    return boto3.client(service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")


def test_an_image_is_pinned_by_its_digest() -> None:
    """Whatever becomes of its tag."""
    client = _client("ecr")
    with Stubber(client) as stubber:
        found = {"imageDetails": [{"imageDigest": DIGEST, "registryId": "123456789012"}]}
        asked = {"repositoryName": "environments", "imageIds": [{"imageTag": "tag"}]}
        stubber.add_response("describe_images", found, asked)
        image = EcrImages(client, "environments").find("tag")
    assert image is not None
    assert image.uri == f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/environments@{DIGEST}"


def test_an_image_that_was_not_pushed_is_none() -> None:
    """ECR calls that an error."""
    client = _client("ecr")
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_images", "ImageNotFoundException", "no", 400)
        assert EcrImages(client, "environments").find("tag") is None


def test_a_build_without_a_log_has_no_lines() -> None:
    """It may have failed before it could write one."""
    client = _client("logs")
    with Stubber(client) as stubber:
        stubber.add_client_error("get_log_events", "ResourceNotFoundException", "no", 400)
        assert CloudWatchBuildLogs(client).tail("group", "stream", 5) == ()


def test_a_job_definition_is_one_that_batch_takes() -> None:
    """Fargate, with both roles and a log group; jobs bring command, resources and timeout."""
    client = _client("batch")
    definition = JobDefinition(
        name="sluiceway-dev-1",
        image=f"environments@{DIGEST}",
        job_role_arn="arn:aws:iam::1:role/job",
        execution_role_arn="arn:aws:iam::1:role/execution",
        log_group="/sluiceway/dev/steps",
        stream_prefix="step",
    )
    with Stubber(client) as stubber:
        answer = {"jobDefinitionName": "sluiceway-dev-1", "jobDefinitionArn": "arn", "revision": 1}
        stubber.add_response("register_job_definition", answer)
        assert BatchJobs(client).register(definition) == "arn"
