"""Requests and answers are those that botocore's own serialisers write and read."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from embedded.shapes import service_model
from embedded.wire import ApiError, JsonService


class Wire:
    """A client of a `JsonService` without a network."""

    def __init__(self, name: str, operations: Any, invalid: str = "ValidationException") -> None:
        self.model = service_model(name)
        self.service = JsonService(name, operations, invalid=invalid)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        model = self.model.operation_model(operation)
        request = create_serializer(self.model.protocol, False).serialize_to_request(params, model)
        body = request["body"]
        body = body if isinstance(body, bytes) else body.encode()
        query = (
            {k: v if isinstance(v, list) else [v] for k, v in request["query_string"].items()}
            if request["query_string"]
            else {}
        )
        answer = asyncio.run(
            self.service.handle(request["method"], request["url_path"], dict(request["headers"]), body, query)
        )
        parsed = self.parse(model.output_shape, answer)
        error = {shape.name: shape for shape in self.model.error_shapes}.get(
            parsed.get("Error", {}).get("Code")
        )
        return parsed | (self.parse(error, answer) if error else {})

    def parse(self, shape: Any, answer: Any) -> dict[str, Any]:
        status, headers, body = answer
        response = {"status_code": status, "headers": HeadersDict(headers), "body": body, "context": {}}
        return create_parser(self.model.protocol).parse(response, shape)


def echo(params: dict[str, Any], _caller: Any) -> dict[str, Any]:
    echo.seen = params
    return echo.answer


def test_a_rest_json_call_reads_its_body_and_its_path() -> None:
    """Members come from the body; an ARN in the path arrives whole."""
    echo.answer = {"jobName": "a", "jobId": "1"}
    wire = Wire("batch", {"SubmitJob": echo, "ListTagsForResource": echo})
    answer = wire.call(
        "SubmitJob", jobName="a", jobQueue="q", jobDefinition="d", timeout={"attemptDurationSeconds": 5}
    )
    assert (answer["jobId"], echo.seen["timeout"]) == ("1", {"attemptDurationSeconds": 5})
    arn = "arn:aws:batch:us-east-1:000000000000:job-queue/q"
    wire.call("ListTagsForResource", resourceArn=arn)
    assert echo.seen == {"resourceArn": arn}


def test_a_query_string_fills_lists() -> None:
    """`tagKeys` of UntagResource travels in the query string."""
    echo.answer = {}
    arn = "arn:aws:batch:us-east-1:000000000000:job-queue/q"
    Wire("batch", {"UntagResource": echo}).call("UntagResource", resourceArn=arn, tagKeys=["a", "b"])
    assert echo.seen["tagKeys"] == ["a", "b"]


def test_a_payload_blob_and_headers_pass_both_ways() -> None:
    """InvokeEndpoint's body is raw bytes; its other members are headers and a label."""
    echo.answer = {"Body": b"\x00out", "ContentType": "text/csv", "InvokedProductionVariant": "blue"}
    wire = Wire("sagemaker-runtime", {"InvokeEndpoint": echo}, "ValidationError")
    call = {"EndpointName": "e", "Body": b"\xffin", "ContentType": "text/plain", "TargetVariant": "blue"}
    answer = wire.call("InvokeEndpoint", **call)
    assert echo.seen == call
    assert (answer["Body"].encode(), answer["ContentType"], answer["InvokedProductionVariant"]) == (
        b"\x00out",
        "text/csv",
        "blue",
    )


def test_timestamps_travel_as_epoch_seconds() -> None:
    """json 1.1 writes timestamps as numbers, and reads them back as datetimes."""
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    echo.answer = {"EndpointName": "e", "CreationTime": moment}
    answer = Wire("sagemaker", {"DescribeEndpoint": echo}).call("DescribeEndpoint", EndpointName="e")
    assert answer["CreationTime"] == moment


@pytest.mark.parametrize(
    ("name", "operation", "params", "code", "words"),
    [
        ("batch", "SubmitJob", {"jobName": "a"}, "ClientException", "jobQueue"),
        ("codebuild", "StartBuild", {}, "InvalidInputException", "projectName"),
        ("sagemaker", "DescribeEndpoint", {"EndpointName": "-"}, "ValidationException", "pattern"),
        ("codebuild", "ListProjects", {"sortBy": "AGE"}, "InvalidInputException", "CREATED_TIME"),
    ],
)
def test_invalid_parameters_give_the_services_own_error(
    name: str, operation: str, params: dict[str, Any], code: str, words: str
) -> None:
    """The code is the one that AWS gives, and the message names the member."""
    answer = Wire(name, {operation: echo}, code).call(operation, **params)
    assert answer["Error"]["Code"] == code
    assert words in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_modelled_error_keeps_its_members_and_status() -> None:
    """ModelError carries the container's own status and message under HTTP 424."""

    def fail(_params: Any, _caller: Any) -> dict[str, Any]:
        raise ApiError("ModelError", "the model failed", OriginalStatusCode=500, OriginalMessage="boom")

    answer = Wire("sagemaker-runtime", {"InvokeEndpoint": fail}).call(
        "InvokeEndpoint", EndpointName="e", Body=b""
    )
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (424, "ModelError")
    assert (answer["OriginalStatusCode"], answer["OriginalMessage"]) == (500, "boom")


@pytest.mark.parametrize("name", ["sagemaker", "batch"])
def test_an_operation_that_is_not_implemented_is_refused_by_name(name: str) -> None:
    """It never answers as if it had done something."""
    operation = {"sagemaker": "ListApps", "batch": "DescribeJobs"}[name]
    params = {"batch": {"jobs": ["1"]}}.get(name, {})
    answer = Wire(name, {}).call(operation, **params)
    assert answer["Error"]["Code"] == "UnknownOperationException"
    assert operation in answer["Error"]["Message"]
