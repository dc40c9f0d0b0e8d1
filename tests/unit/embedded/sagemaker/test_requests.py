"""What requests say is read strictly, and what is not implemented is refused by name."""

from typing import Any

import pytest

from embedded.sagemaker.models import read_container
from embedded.sagemaker.naming import Names
from embedded.sagemaker.retention import reweighed, with_retained
from embedded.sagemaker.roles import trusts
from embedded.wire import ApiError
from tests.unit.embedded.sagemaker.fakes import variant

NAMES = Names("us-east-1", "000000000000")
FOLDER = {"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}
ARCHIVE = {"S3Uri": "s3://b/m.tar.gz", "S3DataType": "S3Object", "CompressionType": "Gzip"}


def model(**container: Any) -> dict[str, Any]:
    return {"ModelName": "m", "ExecutionRoleArn": "r", "PrimaryContainer": {"Image": "i"} | container}


def test_names_in_arns_are_in_lower_case() -> None:
    """As SageMaker writes them; policies have to match that."""
    assert NAMES.arn("endpoint", "Mine-1") == "arn:aws:sagemaker:us-east-1:000000000000:endpoint/mine-1"


def test_an_update_acts_on_the_endpoint_and_on_the_configuration() -> None:
    """IAM is asked about both."""
    params = {"EndpointName": "e", "EndpointConfigName": "c"}
    assert NAMES.acted_on("UpdateEndpoint", params) == [
        NAMES.arn("endpoint", "e"),
        NAMES.arn("endpoint-config", "c"),
    ]
    assert NAMES.acted_on("ListEndpoints", {}) == []


def test_what_an_invocation_carries_names_no_resource() -> None:
    """Its body may be JSON with any keys; IAM is asked about the endpoint in the path."""
    params = {"EndpointName": "e", "ResourceArn": NAMES.arn("endpoint", "mine")}
    assert NAMES.acted_on("InvokeEndpoint", params) == [NAMES.arn("endpoint", "e")]
    assert NAMES.acted_on("AddTags", params) == [NAMES.arn("endpoint", "mine")]


@pytest.mark.parametrize(
    ("container", "archive", "folder"),
    [
        ({"ModelDataUrl": "s3://b/m.tar.gz"}, "s3://b/m.tar.gz", None),
        ({"ModelDataSource": {"S3DataSource": ARCHIVE}}, "s3://b/m.tar.gz", None),
        ({"ModelDataSource": {"S3DataSource": FOLDER}}, None, "s3://b/m/"),
        ({}, None, None),
    ],
)
def test_model_data_is_an_archive_or_a_folder(
    container: dict[str, Any], archive: str | None, folder: str | None
) -> None:
    """In all the ways in which CreateModel names it."""
    found = read_container(model(**container))
    assert (found.archive, found.folder) == (archive, folder)


def test_an_isolated_model_is_told_from_others() -> None:
    """Its containers get no credentials."""
    assert read_container(model() | {"EnableNetworkIsolation": True}).isolated
    assert not read_container(model()).isolated


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (model(MultiModelConfig={"ModelCacheSetting": "Enabled"}), "MultiModelConfig not implemented"),
        (model(Mode="MultiModel"), "MultiModel not implemented"),
        (model() | {"VpcConfig": {"Subnets": ["s"]}}, "VpcConfig not implemented"),
        ({"ModelName": "m", "Containers": [{"Image": "a"}, {"Image": "b"}]}, "with one container"),
        (model(ModelDataSource={"S3DataSource": FOLDER | {"S3Uri": "s3://b/m"}}), "forward slash"),
        (model(ModelDataSource={"S3DataSource": FOLDER | {"CompressionType": "Gzip"}}), "S3Prefix with"),
    ],
)
def test_a_model_that_cannot_be_run_is_refused(request_: dict[str, Any], words: str) -> None:
    """By the name of what is not there."""
    with pytest.raises(ApiError, match=words):
        read_container(request_)


def test_an_update_may_retain_counts_and_weights() -> None:
    """Except of what it excludes; variants that are new have their own."""
    old = [variant(instances=2, weight=5.0)]
    new = [variant(), variant("extra", weight=3.0)]
    params: dict[str, Any] = {"RetainAllVariantProperties": True}
    kept = with_retained(new, old, params)
    assert [(each.instances, each.weight) for each in kept] == [(2, 5.0), (1, 3.0)]
    params["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": "DesiredWeight"}]
    assert [(each.instances, each.weight) for each in with_retained(new, old, params)] == [(2, 1.0), (1, 3.0)]
    assert with_retained(new, old, {}) == tuple(new)


def test_weights_of_unknown_variants_are_refused() -> None:
    """They are named."""
    with pytest.raises(ApiError, match='"other"'):
        reweighed([variant()], [{"VariantName": "other", "DesiredWeight": 1.0}])


@pytest.mark.parametrize(
    ("principal", "effect", "trusted"),
    [
        ({"Service": "sagemaker.amazonaws.com"}, "Allow", True),
        ({"Service": ["a.amazonaws.com", "sagemaker.amazonaws.com"]}, "Allow", True),
        ({"Service": "lambda.amazonaws.com"}, "Allow", False),
        ({"Service": "sagemaker.amazonaws.com"}, "Deny", False),
        ({"AWS": "arn:aws:iam::000000000000:root"}, "Allow", False),
        ("*", "Allow", False),
    ],
)
def test_a_role_trusts_the_services_it_names(principal: Any, effect: str, trusted: bool) -> None:
    """Trust in the account is no trust in a service."""
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    assert trusts({"Statement": [statement]}, "sagemaker.amazonaws.com") is trusted
