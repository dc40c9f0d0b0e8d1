"""Serverless variants, response streams and data capture of real processes."""

import json
import threading
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from embedded.cloud import ROOT_CREDENTIALS
from embedded.environment import REGION
from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.hosting import BUCKET, Hosting, prepare

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def hosting(cloud_session: CloudSession) -> Hosting:
    """All that an endpoint needs."""
    return prepare(cloud_session)


def serverless(hosting: Hosting, **limits: int) -> str:
    """A new serverless endpoint."""
    config = {"MemorySizeInMB": 1024, "MaxConcurrency": 1} | limits
    variant = {"VariantName": "one", "ModelName": hosting.model("one"), "ServerlessConfig": config}
    return hosting.endpoint(hosting.config_of(variant))


def test_a_serverless_variant_runs_when_it_is_asked(hosting: Hosting) -> None:
    """Nothing runs before; DescribeEndpoint tells its concurrency instead of instances."""
    name = serverless(hosting)
    described = hosting.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"][0]
    assert described["CurrentServerlessConfig"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    assert "CurrentInstanceCount" not in described
    assert hosting.answer(name) == "one"


def test_a_request_beyond_the_concurrency_is_throttled(hosting: Hosting) -> None:
    """ThrottlingException, at once."""
    name = serverless(hosting)
    once = impatient(hosting)
    seen: list[str] = []

    def ask() -> None:
        try:
            once.invoke_endpoint(EndpointName=name, Body=b"x")
            seen.append("answered")
        except ClientError as error:
            seen.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=ask) for _ in range(6)]  # They wait for the one cold start.
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {"answered", "ThrottlingException"}


def impatient(hosting: Hosting) -> Any:
    """A client that does not try again."""
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=hosting.cloud.endpoint_url,
        region_name=REGION,
        verify=hosting.cloud.ca_bundle,
        aws_access_key_id=ROOT_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_an_answer_comes_in_parts(hosting: Hosting) -> None:
    """As the container writes them, before it has ended."""
    name = hosting.endpoint(hosting.config("one"))
    answer = hosting.runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=b"stream")
    parts = [each["PayloadPart"]["Bytes"] for each in answer["Body"]]
    assert parts == [b"one", b"-", b"end"]
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/plain", "one")


def test_an_error_is_told_before_any_part(hosting: Hosting) -> None:
    """As InvokeEndpoint would."""
    name = hosting.endpoint(hosting.config("one"))
    with pytest.raises(hosting.runtime.exceptions.ModelError, match="the model failed"):
        hosting.runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=b"fail")


def test_requests_and_answers_are_captured_by_the_execution_role(hosting: Hosting) -> None:
    """JSON Lines below endpoint, variant and hour, and written under the role."""
    capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/out/captured",
        "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    name = hosting.endpoint(hosting.config_of(hosting.variant("one"), DataCaptureConfig=capture))
    hosting.answer(name, b"1,2", ContentType="text/csv", InferenceId="id-1")
    wait_for(lambda: bool(captured(hosting, name)), seconds=60)
    (line,) = captured(hosting, name)
    assert line["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "1,2",
        "encoding": "CSV",
    }
    assert line["captureData"]["endpointOutput"]["encoding"] == "BASE64"
    assert line["eventMetadata"]["inferenceId"] == "id-1"
    described = hosting.sagemaker.describe_endpoint(EndpointName=name)["DataCaptureConfig"]
    assert described["CaptureStatus"] == "Started"


def captured(hosting: Hosting, name: str) -> list[dict[str, Any]]:
    """The lines of an endpoint that are in S3."""
    s3 = hosting.cloud.client("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"out/captured/{name}/one/").get("Contents", [])
    texts = [s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read().decode() for each in found]
    return [json.loads(line) for text in texts for line in text.splitlines()]
