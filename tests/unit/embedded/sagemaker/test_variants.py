"""Serverless and asynchronous configurations are read strictly; what AWS does not do together is refused."""

from typing import Any

import pytest

from embedded.sagemaker.description import describe
from embedded.sagemaker.records import EndpointRecord, Serverless
from embedded.sagemaker.retention import reweighed
from embedded.sagemaker.traffic import Traffic
from embedded.sagemaker.variants import check_routing, check_together, read_serverless
from embedded.wire import ApiError
from tests.unit.embedded.sagemaker.fakes import variant

LIMITS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
SERVERLESS = variant(serverless=Serverless(memory_mb=2048, max_concurrency=5))
ASYNC = {"OutputConfig": {"S3OutputPath": "s3://b/o"}}
CAPTURE = {
    "InitialSamplingPercentage": 1,
    "DestinationS3Uri": "s3://b/c",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def serverless(**members: Any) -> dict[str, Any]:
    return {"VariantName": "v", "ModelName": "m", "ServerlessConfig": LIMITS | members}


def test_a_serverless_variant_has_limits() -> None:
    """A variant without ServerlessConfig has none."""
    found = read_serverless(serverless(ProvisionedConcurrency=2))
    assert found == Serverless(memory_mb=2048, max_concurrency=5, provisioned=2)
    assert read_serverless({"VariantName": "v"}) is None


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (serverless(MemorySizeInMB=1500), "MemorySizeInMB must be one of 1024"),
        (serverless(ProvisionedConcurrency=6), "less than or equal to MaxConcurrency"),
        (serverless() | {"InstanceType": "ml.m5.large"}, "InstanceType cannot be set"),
    ],
)
def test_what_a_serverless_variant_cannot_be_is_refused(request_: dict[str, Any], words: str) -> None:
    """With the bounds that hold."""
    with pytest.raises(ApiError, match=words):
        read_serverless(request_)


@pytest.mark.parametrize(
    ("params", "variants", "words"),
    [
        ({"DataCaptureConfig": CAPTURE}, [SERVERLESS], "do not support DataCaptureConfig"),
        ({}, [SERVERLESS, variant("other")], "has one production variant"),
        ({"AsyncInferenceConfig": ASYNC}, [variant(), variant("other")], "has one production variant"),
        ({"AsyncInferenceConfig": ASYNC, "DataCaptureConfig": CAPTURE}, [variant()], "not implemented"),
        (
            {"AsyncInferenceConfig": {"OutputConfig": {"KmsKeyId": "k"}}},
            [variant()],
            "KmsKeyId not implemented",
        ),
        ({"AsyncInferenceConfig": {"OutputConfig": {}}}, [variant()], "S3OutputPath is required"),
        ({"DataCaptureConfig": CAPTURE | {"KmsKeyId": "k"}}, [variant()], "KmsKeyId not implemented"),
    ],
)
def test_what_does_not_go_together_is_refused(params: dict[str, Any], variants: Any, words: str) -> None:
    """By name."""
    with pytest.raises(ApiError, match=words):
        check_together(params, variants)


def test_routing_that_nobody_does_is_refused() -> None:
    """PREFIX_AWARE."""
    check_routing({"RoutingConfig": {"RoutingStrategy": "RANDOM"}})
    with pytest.raises(ApiError, match="PREFIX_AWARE not implemented"):
        check_routing({"RoutingConfig": {"RoutingStrategy": "PREFIX_AWARE"}})


def test_the_concurrency_of_a_serverless_variant_can_be_changed() -> None:
    """ServerlessUpdateConfig; instances are not for it, nor that for variants on instances."""
    update = {"VariantName": "main", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 3}}
    (changed,) = reweighed([SERVERLESS], [update])
    assert changed.serverless
    assert (changed.serverless.provisioned, changed.serverless.max_concurrency) == (3, 5)
    for variants, desired, words in (
        ([variant()], update, "is not serverless"),
        ([SERVERLESS], {"VariantName": "main", "DesiredInstanceCount": 2}, "it has no DesiredInstanceCount"),
        ([SERVERLESS], update | {"ServerlessUpdateConfig": {"ProvisionedConcurrency": 9}}, "less than or"),
    ):
        with pytest.raises(ApiError, match=words):
            reweighed(variants, [desired])


def test_only_asynchronous_endpoints_may_have_no_instances() -> None:
    """For others that takes inference components."""
    none = [{"VariantName": "main", "DesiredInstanceCount": 0}]
    assert reweighed([variant()], none, may_be_empty=True)[0].instances == 0
    with pytest.raises(ApiError, match="asynchronous inference or inference components only"):
        reweighed([variant()], none)


def test_a_description_tells_capture_and_async() -> None:
    """As the configuration says; what is not configured is not told."""
    values: dict[str, Any] = {"name": "E", "arn": "a", "created": 1, "modified": 2, "config": "c"}
    options = {"capture": CAPTURE, "asynchronous": ASYNC}
    record = EndpointRecord(**values, status="InService", variants=(variant(),), options=options)
    found = describe(record, Traffic())
    assert found["AsyncInferenceConfig"] == ASYNC
    assert found["DataCaptureConfig"]["CaptureStatus"] == "Started"
    plain = describe(EndpointRecord(**values, status="InService", variants=()), Traffic())
    assert (plain["AsyncInferenceConfig"], plain["DataCaptureConfig"]) == (None, None)
