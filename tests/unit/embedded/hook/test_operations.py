"""Which operation a request asks for."""

from typing import Any

import pytest
from botocore import xform_name

from embedded.hook.operations import Catalog
from embedded.hook.parameters import parameters
from embedded.hook.request import HttpCall
from tests.unit.embedded.hook.wire import sent

_OBJECT: dict[str, Any] = {"Bucket": "bucket", "Key": "a/b.txt"}
_PART: dict[str, Any] = {**_OBJECT, "UploadId": "u"}
_RULE = {"Rules": []}
_OF_S3: list[tuple[str, dict[str, Any]]] = [
    ("ListBuckets", {}),
    ("CreateBucket", {"Bucket": "bucket"}),
    ("HeadBucket", {"Bucket": "bucket"}),
    ("GetBucketLocation", {"Bucket": "bucket"}),
    ("ListObjects", {"Bucket": "bucket"}),
    ("ListObjectsV2", {"Bucket": "bucket"}),
    ("ListObjectVersions", {"Bucket": "bucket"}),
    ("PutBucketVersioning", {"Bucket": "bucket", "VersioningConfiguration": {}}),
    ("PutBucketNotificationConfiguration", {"Bucket": "bucket", "NotificationConfiguration": {}}),
    ("DeleteObjects", {"Bucket": "bucket", "Delete": {"Objects": [{"Key": "a"}]}}),
    ("PutObject", {**_OBJECT, "Body": b"x"}),
    ("GetObject", _OBJECT),
    ("HeadObject", _OBJECT),
    ("DeleteObject", {**_OBJECT, "VersionId": "1"}),
    ("CopyObject", {**_OBJECT, "CopySource": "bucket/c"}),
    ("PutObjectTagging", {**_OBJECT, "Tagging": {"TagSet": []}}),
    ("CreateMultipartUpload", _OBJECT),
    ("UploadPart", {**_PART, "PartNumber": 1, "Body": b"x"}),
    ("UploadPartCopy", {**_PART, "PartNumber": 1, "CopySource": "bucket/c"}),
    ("ListParts", _PART),
    ("CompleteMultipartUpload", _PART),
    ("AbortMultipartUpload", _PART),
]
_OTHERS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("dynamodb", "dynamodb", "GetItem", {"TableName": "t", "Key": {"a": {"S": "1"}}}),
    ("sqs", "sqs", "SendMessage", {"QueueUrl": "https://localhost/1/q", "MessageBody": "m"}),
    ("states", "stepfunctions", "StartExecution", {"stateMachineArn": "arn:aws:states:::x"}),
    ("iam", "iam", "GetRole", {"RoleName": "r"}),
    ("sts", "sts", "GetCallerIdentity", {}),
    ("ec2", "ec2", "DescribeVpcs", {}),
    ("monitoring", "cloudwatch", "PutMetricData", {"Namespace": "n", "MetricData": [{"MetricName": "m"}]}),
    (
        "lambda",
        "lambda",
        "Invoke",
        {"FunctionName": "arn:aws:lambda:us-east-1:1:function:f", "Payload": b"{}"},
    ),
    ("lambda", "lambda", "UpdateFunctionConfiguration", {"FunctionName": "f"}),
    ("lambda", "lambda", "GetFunction", {"FunctionName": "f"}),
    ("batch", "batch", "SubmitJob", {"jobName": "j", "jobQueue": "q", "jobDefinition": "d"}),
    ("scheduler", "scheduler", "GetSchedule", {"Name": "s"}),
    ("sagemaker", "sagemaker", "DescribeEndpoint", {"EndpointName": "e"}),
    ("sagemaker", "sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "e", "Body": b"1"}),
]


@pytest.mark.parametrize(
    ("operation", "given"), _OF_S3, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_operation_of_s3_is_told_by_path_query_and_headers(operation: str, given: dict[str, Any]) -> None:
    """S3 has one path for many: the query and what must be in the headers tell them apart."""
    found = Catalog().operation("s3", sent("s3", xform_name(operation), **given))
    assert (found.name, found.model) == (operation, "s3")
    assert found.labels == {key: given[key] for key in ("Bucket", "Key") if key in given}


@pytest.mark.parametrize(("scope", "service", "operation", "given"), _OTHERS)
def test_an_operation_is_told_in_each_protocol(
    scope: str, service: str, operation: str, given: dict[str, Any]
) -> None:
    """By the target header, the `Action` of a form, or the path of the model."""
    call = sent(service, xform_name(operation), **given)
    found = Catalog().operation(scope, call)
    assert (found.name, found.model) == (operation, service)
    assert {name.lower() for name in given} <= {name.lower() for name in parameters(call, found)}


def test_what_no_model_knows_goes_by_its_path() -> None:
    """It is on record all the same."""
    found = Catalog().operation("nobody", HttpCall("GET", "/somewhere", {}, b""))
    assert (found.name, found.model) == ("GET /somewhere", "")


def test_a_form_with_an_action_is_not_taken_for_one_where_paths_decide() -> None:
    """In S3 a query parameter of that name is mere data."""
    call = HttpCall("GET", "/bucket/key", {}, b"", {"Action": ["DeleteBucket"]})
    assert Catalog().operation("s3", call).name == "GetObject"
