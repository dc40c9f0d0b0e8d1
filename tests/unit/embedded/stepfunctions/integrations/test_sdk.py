"""`aws-sdk:` integrations: names, arguments, answers and errors as the Java SDK 2 has them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from embedded.athena.step_functions import START_SYNC as QUERY_SYNC
from embedded.batch.step_functions import SUBMIT, SUBMIT_SYNC
from embedded.codebuild.step_functions import START, START_SYNC
from embedded.sagemaker.step_functions import _REQUEST_RESPONSE, TRANSFORM_SYNC
from embedded.sagemaker.step_functions import PREFIX as SAGEMAKER
from embedded.stepfunctions.integrations.sdk_names import (
    exception_name,
    find_operation,
    member_name,
    service_prefix,
)
from embedded.stepfunctions.integrations.table import SERVED
from embedded.stepfunctions.resource import parse_resource
from embedded.stepfunctions.tasks import Failed, Submitted, Succeeded
from tests.unit.embedded.stepfunctions.integrations.world import World, body, refusal


@pytest.mark.parametrize(
    ("service", "action", "found"),
    [
        ("dynamodb", "getItem", ("dynamodb", "GetItem")),
        ("cloudwatchlogs", "describeLogGroups", ("logs", "DescribeLogGroups")),
        ("sfn", "startExecution", ("stepfunctions", "StartExecution")),
        ("eventbridge", "putEvents", ("events", "PutEvents")),
        ("secretsmanager", "getSecretValue", ("secretsmanager", "GetSecretValue")),
        ("rds", "describeDBInstances", ("rds", "DescribeDBInstances")),
        ("scheduler", "createSchedule", ("scheduler", "CreateSchedule")),
        ("stepfunctions", "startExecution", None),
        ("dynamodb", "GetItem", None),
        ("nothing", "getItem", None),
    ],
)
def test_operations_are_found_by_the_names_of_the_sdk(service: str, action: str, found: Any) -> None:
    """Services without blanks and hyphens, actions in camel case."""
    assert find_operation(service, action) == found


@pytest.mark.parametrize(
    ("service", "prefix"),
    [
        ("dynamodb", "DynamoDb"),
        ("s3", "S3"),
        ("secretsmanager", "SecretsManager"),
        ("stepfunctions", "Sfn"),
        ("logs", "CloudWatchLogs"),
        ("ec2", "Ec2"),
        ("sqs", "Sqs"),
        ("sagemaker", "SageMaker"),
    ],
)
def test_errors_begin_with_the_sdks_name_of_the_service(service: str, prefix: str) -> None:
    """Words of the service's id, each with one capital."""
    assert service_prefix(service) == prefix


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("DBInstances", "DbInstances"),
        ("ETag", "ETag"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("id", "Id"),
    ],
)
def test_members_are_written_as_the_sdk_writes_them(name: str, written: str) -> None:
    """An acronym has one capital."""
    assert member_name(name) == written


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("NoSuchBucket", "NoSuchBucketException"),
        ("DBInstanceNotFoundFault", "DBInstanceNotFoundException"),
        ("XException", "XException"),
    ],
)
def test_error_classes_end_in_exception(shape: str, name: str) -> None:
    """Whatever the model calls them."""
    assert exception_name(shape) == name


def test_an_operation_is_called_and_answered_in_pascal_case() -> None:
    """With times as ISO 8601, blobs as text, and nothing about the answer itself."""
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    world = World(get_object={"Body": body("ä"), "ETag": "e", "LastModified": when, "ContentLength": 2})
    ended = world.run("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"})
    assert world.services.params("get_object") == [{"Bucket": "b", "Key": "k"}]
    expected = {"Body": "ä", "LastModified": "2026-01-02T03:04:05Z", "ContentLength": 2, "ETag": "e"}
    assert ended == Succeeded(expected)


def test_members_of_services_with_small_letters_are_found() -> None:
    """Step Functions spells all of them with a capital."""
    world = World(start_execution={"executionArn": "a", "startDate": datetime(2026, 1, 1, tzinfo=UTC)})
    ended = world.run("aws-sdk:sfn:startExecution", {"StateMachineArn": "m", "Input": "{}"})
    assert world.services.params("start_execution") == [{"stateMachineArn": "m", "input": "{}"}]
    assert ended == Succeeded({"ExecutionArn": "a", "StartDate": "2026-01-01T00:00:00Z"})


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"a": "ä", "b": [1, 2]}, '{"a":"ä","b":[1,2]}'),
        ("text data", '"text data"'),
        (["List", "Data"], '["List","Data"]'),
        (False, "false"),
        (0, "0"),
    ],
)
def test_a_body_is_the_json_of_what_is_given(given: Any, written: str) -> None:
    """Also of a text, with its quotes, and without blanks: recorded on AWS."""
    world = World()
    world.run("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": given})
    assert world.services.params("put_object")[0]["Body"] == written.encode()


def test_members_come_by_their_names_and_a_streamed_body_last() -> None:
    """At every level; keys of maps stay as they are. Recorded on AWS for getObject."""
    world = World(
        get_object={"Body": body("b"), "Metadata": {"z": "1", "a": "2"}, "ETag": "e", "AcceptRanges": "r"}
    )
    ended = world.run("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"})
    assert json.dumps(ended.output) == (  # type: ignore[union-attr]  # it succeeds
        '{"AcceptRanges": "r", "ETag": "e", "Metadata": {"z": "1", "a": "2"}, "Body": "b"}'
    )
    world = World(list_objects_v2={"Contents": [{"Size": 1, "Key": "k"}], "KeyCount": 1})
    ended = world.run("aws-sdk:s3:listObjectsV2", {"Bucket": "b"})
    assert json.dumps(ended.output) == '{"Contents": [{"Key": "k", "Size": 1}], "KeyCount": 1}'  # type: ignore[union-attr]


def test_a_refusal_of_s3_has_two_ids() -> None:
    """The second one is S3's own."""
    refused = refusal("NoSuchKey", "no", 404)
    refused.response["ResponseMetadata"]["HostId"] = "h"
    failed = World(get_object=refused).run("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"})
    words = "no (Service: S3, Status Code: 404, Request ID: r, Extended Request ID: h)"
    assert failed == Failed("S3.NoSuchKeyException", words)


@pytest.mark.parametrize(
    ("code", "name"),
    [("NoSuchBucket", "S3.NoSuchBucketException"), ("Odd", "S3.S3Exception")],
)
def test_it_fails_by_the_sdks_names(code: str, name: str) -> None:
    """An error that the model does not have is the service's own."""
    failed = World(list_objects=refusal(code, "no", 404)).run("aws-sdk:s3:listObjects", {"Bucket": "b"})
    assert failed == Failed(name, "no (Service: S3, Status Code: 404, Request ID: r)")


def test_a_member_that_is_not_there_cannot_start_the_task() -> None:
    """It is named."""
    resource = parse_resource("arn:aws:states:::aws-sdk:s3:getObject")
    assert "Kye is not supported" in str(World().tasks.refusal(resource, {"Kye": "k"}))
    assert World().tasks.refusal(resource, {"Key": "k"}) is None


def test_an_unknown_operation_is_refused_by_its_name() -> None:
    """At creation already; here for a definition that got by."""
    world = World()
    failed = world.run("aws-sdk:s3:getObjekt", {})
    assert isinstance(failed, Failed)
    assert failed.error == "States.Runtime"
    assert "aws-sdk:s3:getObjekt" in str(failed.cause)


def test_a_task_token_is_only_submitted() -> None:
    """The end comes by SendTaskSuccess."""
    world = World(send_message={"MessageId": "1"})
    submitted = world.run("aws-sdk:sqs:sendMessage.waitForTaskToken", {"QueueUrl": "u", "MessageBody": "m"})
    assert submitted == Submitted({"MessageId": "1"})


@pytest.mark.parametrize(
    ("arn", "served"),
    [
        ("arn:aws:states:::lambda:invoke", True),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", True),
        ("arn:aws:states:::lambda:invoke.sync", False),
        ("arn:aws:states:::dynamodb:putItem", True),
        ("arn:aws:states:::dynamodb:putItem.waitForTaskToken", False),
        ("arn:aws:states:::dynamodb:query", False),
        ("arn:aws:states:::aws-sdk:dynamodb:query", True),
        ("arn:aws:states:::aws-sdk:dynamodb:qurey", False),
        ("arn:aws:states:::aws-sdk:dynamodb:query.sync", False),
        ("arn:aws:states:::ecs:runTask.sync", False),
        ("arn:aws:states:::glue:startJobRun.sync", False),
        ("arn:aws:lambda:us-east-1:000000000000:function:f", True),
        ("arn:aws:states:us-east-1:000000000000:activity:a", True),
        ("text", False),
    ],
)
def test_what_is_not_served_can_be_refused_at_creation(arn: str, served: bool) -> None:
    """The pattern counts too."""
    assert World().tasks.table.serves(arn) is served


def test_what_other_services_bring_is_on_the_list_of_what_is_served() -> None:
    """And nothing else is on it."""
    brought = {QUERY_SYNC, SUBMIT, SUBMIT_SYNC, START, START_SYNC, TRANSFORM_SYNC}
    brought |= {f"{SAGEMAKER}{name}" for name in _REQUEST_RESPONSE}
    brought |= {f"arn:aws:states:::states:startExecution{pattern}" for pattern in (".sync", ".sync:2")}
    own = {name for name in SERVED if World().tasks.table.serves(f"arn:aws:states:::{name}")}
    assert {f"arn:aws:states:::{name}" for name in SERVED - own} == brought
