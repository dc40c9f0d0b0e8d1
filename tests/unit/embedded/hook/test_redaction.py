"""No secret gets into the record."""

import json
from typing import Any

import pytest
from botocore import xform_name

from embedded.hook.operations import Catalog
from embedded.hook.parameters import parameters
from embedded.hook.redaction import REDACTED, is_secret_name, redacted
from tests.unit.embedded.hook.wire import sent

_SECRET = "hunter2-hunter2"
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
_PRESIGNED = "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=0123456789abcdef"
_VARIABLES = [{"name": "DB_PASSWORD", "value": _SECRET, "type": "PLAINTEXT"}]
_CORPUS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("secretsmanager", "secretsmanager", "CreateSecret", {"Name": "n", "SecretString": _SECRET}),
    ("secretsmanager", "secretsmanager", "PutSecretValue", {"SecretId": "n", "SecretString": _SECRET}),
    ("ssm", "ssm", "PutParameter", {"Name": "/n", "Value": _SECRET, "Type": "SecureString"}),
    ("iam", "iam", "CreateLoginProfile", {"UserName": "u", "Password": _SECRET}),
    ("iam", "iam", "ChangePassword", {"OldPassword": _SECRET, "NewPassword": _SECRET}),
    ("sts", "sts", "AssumeRoleWithWebIdentity", {
        "RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "session",
        "WebIdentityToken": _SECRET}),
    ("lambda", "lambda", "UpdateFunctionConfiguration", {
        "FunctionName": "f", "Environment": {"Variables": {"PLAIN_LOOKING": _SECRET}}}),
    ("lambda", "lambda", "Invoke", {"FunctionName": "f", "Payload": json.dumps({"a": _SECRET})}),
    ("states", "stepfunctions", "StartExecution", {
        "stateMachineArn": "arn:aws:states:::x", "input": json.dumps({"a": _SECRET})}),
    ("states", "stepfunctions", "SendTaskSuccess", {"taskToken": _SECRET, "output": "{}"}),
    ("codebuild", "codebuild", "StartBuild", {"projectName": "p",
        "environmentVariablesOverride": _VARIABLES}),
    ("batch", "batch", "SubmitJob", {
        "jobName": "j", "jobQueue": "q", "jobDefinition": "d",
        "containerOverrides": {"environment": [{"name": "API_KEY", "value": _SECRET}]}}),
    ("cloudformation", "cloudformation", "CreateStack", {
        "StackName": "s", "Parameters": [{"ParameterKey": "DbPassword", "ParameterValue": _SECRET}]}),
    ("sqs", "sqs", "SendMessage", {
        "QueueUrl": "https://l/1/q", "MessageBody": json.dumps({"deep": [{"api_key": _SECRET}]})}),
    ("dynamodb", "dynamodb", "PutItem", {"TableName": "t", "Item": {"password": {"S": _SECRET}}}),
    ("events", "events", "PutEvents", {
        "Entries": [{"Source": "s", "DetailType": "d", "Detail": json.dumps({"token": _SECRET})}]}),
    ("s3", "s3", "PutObject", {"Bucket": "bucket", "Key": "k", "Body": _SECRET.encode()}),
    ("s3", "s3", "PutObject", {"Bucket": "bucket", "Key": "k",
        "Metadata": {"api-key": _SECRET}}),
    ("s3", "s3", "GetObject", {
        "Bucket": "bucket", "Key": "k", "SSECustomerKey": _SECRET, "SSECustomerAlgorithm": "AES256"}),
    ("ecr", "ecr", "PutImage", {"repositoryName": "repo", "imageManifest": json.dumps({"token": _SECRET})}),
    ("sagemaker", "sagemaker", "CreateModel", {
        "ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/r",
        "PrimaryContainer": {"Environment": {"MLFLOW_TRACKING_PASSWORD": _SECRET}}}),
    ("sagemaker", "sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "e", "Body": _SECRET.encode()}),
    ("sns", "sns", "Publish", {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": f"Bearer {_SECRET}"}),
    ("events", "events", "CreateConnection", {
        "Name": "c", "AuthorizationType": "API_KEY",
        "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": _SECRET}}}),
]  # fmt: skip


@pytest.mark.parametrize(("scope", "service", "operation", "given"), _CORPUS)
def test_a_secret_that_is_passed_is_not_written_down(
    scope: str, service: str, operation: str, given: dict[str, Any]
) -> None:
    """Whatever marks it: botocore's trait, its name, a pair of name and value, JSON in a text, a payload."""
    call = sent(service, xform_name(operation), **given)
    found = parameters(call, Catalog().operation(scope, call))
    text = json.dumps(found)
    assert found
    assert _SECRET not in text
    assert _SECRET.encode().hex() not in text


@pytest.mark.parametrize(
    "value",
    [
        _JWT,
        _PRESIGNED,
        "key AKIAIOSFODNN7EXAMPLE in a text",
        "ghp_0123456789abcdefghijABCDEFGHIJ456789",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "postgres://user:hunter2@host/db",
        "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, Signature=abc",
    ],
)
def test_what_looks_like_a_secret_is_none_of_the_records_business(value: str) -> None:
    """Whatever it is called."""
    assert redacted({"Comment": value}) == {"Comment": REDACTED}


@pytest.mark.parametrize(
    "name",
    ["NextToken", "nextToken", "ContinuationToken", "ClientRequestToken", "SecretId", "clientToken", "Key"],
)
def test_names_that_only_look_secret_are_kept(name: str) -> None:
    """Pages, idempotency tokens, and which secret is meant: they say what happened."""
    assert not is_secret_name(name)


def test_what_is_large_is_written_down_as_its_size() -> None:
    """The record stays small."""
    assert redacted({"a": "x" * 2_000, "b": b"12345"}) == {"a": "<2000 characters>", "b": "<5 bytes>"}
    assert redacted(list(range(30)))[-1] == "<5 more>"


def test_plain_parameters_are_written_down_as_they_are() -> None:
    """What was called can be understood from the record."""
    call = sent("dynamodb", "put_item", TableName="ledger", Item={"pk": {"S": "run#1"}})
    found = parameters(call, Catalog().operation("dynamodb", call))
    assert found == {"TableName": "ledger", "Item": {"pk": {"S": "run#1"}}}


def test_of_a_large_call_the_small_parameters_are_written_down() -> None:
    """One write of many items is one line of bearable length."""
    item = {"pk": {"S": "x" * 900}}
    requests = {"ledger": [{"PutRequest": {"Item": item}}] * 25}
    call = sent("dynamodb", "batch_write_item", RequestItems=requests, ReturnConsumedCapacity="NONE")
    found = parameters(call, Catalog().operation("dynamodb", call))
    assert found["ReturnConsumedCapacity"] == "NONE"
    assert len(json.dumps(found)) < 200
