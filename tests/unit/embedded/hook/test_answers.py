"""Injected errors, in the protocol of the call."""

from typing import Any

import pytest
from botocore import xform_name

from embedded.hook.answers import Failure, code_of, render, throttling
from embedded.hook.operations import Catalog
from embedded.hook.request import HttpCall
from tests.unit.embedded.hook.wire import refused, sent

_CALLS: list[tuple[str, str, str, dict[str, Any], tuple[str, int]]] = [
    ("dynamodb", "dynamodb", "ListTables", {}, ("ThrottlingException", 400)),
    ("logs", "logs", "DescribeLogGroups", {}, ("ThrottlingException", 400)),
    ("sqs", "sqs", "ListQueues", {}, ("RequestThrottled", 403)),
    ("lambda", "lambda", "ListFunctions", {}, ("TooManyRequestsException", 429)),
    ("batch", "batch", "DescribeJobQueues", {}, ("ThrottlingException", 429)),
    ("iam", "iam", "ListRoles", {}, ("Throttling", 400)),
    ("sts", "sts", "GetCallerIdentity", {}, ("Throttling", 400)),
    ("ec2", "ec2", "DescribeVpcs", {}, ("RequestLimitExceeded", 503)),
    ("s3", "s3", "ListObjectsV2", {"Bucket": "bucket"}, ("SlowDown", 503)),
    ("route53", "route53", "ListHostedZones", {}, ("ThrottlingException", 400)),
    ("monitoring", "cloudwatch", "ListMetrics", {}, ("ThrottlingException", 400)),
]


def _rendered(
    scope: str, service: str, operation: str, given: dict[str, Any], failure: Failure | None
) -> Any:
    call = sent(service, xform_name(operation), **given)
    found = Catalog().operation(scope, call)
    wanted = failure or throttling(scope, found)
    return render(wanted, call=call, operation=found, request_id="id-1")


@pytest.mark.parametrize(("scope", "service", "operation", "given", "expected"), _CALLS)
def test_boto3_reads_the_throttling_error_of_each_service(
    scope: str, service: str, operation: str, given: dict[str, Any], expected: tuple[str, int]
) -> None:
    """With the code for which that service is known, so that the SDK's retries recognize it."""
    answer = _rendered(scope, service, operation, given, None)
    found = refused(service, xform_name(operation), answer, **given)
    assert (found["Code"], found["Status"]) == expected


@pytest.mark.parametrize(("scope", "service", "operation", "given", "_expected"), _CALLS)
def test_boto3_reads_code_and_message_of_any_error(
    scope: str, service: str, operation: str, given: dict[str, Any], _expected: Any
) -> None:
    """In JSON, in both forms of XML, and whatever has to be escaped in them; and so does the record."""
    answer = _rendered(scope, service, operation, given, Failure("Odd.Code", 'a "b" <c> & d', 418))
    found = refused(service, xform_name(operation), answer, **given)
    assert found | {"Code": "Odd.Code", "Message": 'a "b" <c> & d', "Status": 418} == found
    assert code_of(*answer) == "Odd.Code"


def test_a_head_request_is_refused_without_a_body() -> None:
    """HTTP has none there; S3 says the code in no other way either."""
    status, _, body = _rendered("s3", "s3", "HeadObject", {"Bucket": "bucket", "Key": "k"}, None)
    assert (status, body) == (503, b"")


def test_an_older_sdk_is_answered_in_its_own_protocol() -> None:
    """SQS still takes forms; their errors are XML."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    call = HttpCall("POST", "/", headers, b"Action=ListQueues")
    operation = Catalog().operation("sqs", call)
    answer = render(Failure("C", "m", 400), call=call, operation=operation, request_id="id-1")
    assert answer[2].startswith(b"<ErrorResponse><Error><Type>Sender</Type><Code>C</Code>")


def test_a_function_that_failed_is_an_error_on_record() -> None:
    """Lambda answers 200 all the same."""
    assert code_of(200, {"X-Amz-Function-Error": "Unhandled"}, b"{}") == "Unhandled"
    assert code_of(404, {}, b"") == "404"
