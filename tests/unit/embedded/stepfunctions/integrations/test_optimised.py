"""Optimised integrations: what is asked of the service, what the Task's result is, and how it fails."""

from typing import Any

import pytest

from embedded.stepfunctions.resource import parse_resource
from embedded.stepfunctions.tasks import Failed, Submitted, Succeeded
from tests.unit.embedded.stepfunctions.integrations.world import (
    EXECUTION,
    PREFIX,
    ROLE,
    World,
    body,
    refusal,
)

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
METADATA = {
    "SdkHttpMetadata": {
        "AllHttpHeaders": {"content-type": ["json"]},
        "HttpHeaders": {"content-type": "json"},
        "HttpStatusCode": 200,
    },
    "SdkResponseMetadata": {"RequestId": "r"},
}


class TestLambda:
    """`lambda:invoke` and a function's ARN."""

    def test_the_payload_is_json_both_ways(self) -> None:
        """The result's keys are in the order of their names, as AWS writes them."""
        world = World(invoke={"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": body('{"b": 1}')})
        ended = world.run("lambda:invoke", {"FunctionName": "f", "Payload": {"a": "ä"}})
        assert world.services.params("invoke") == [{"FunctionName": "f", "Payload": '{"a":"ä"}'.encode()}]
        assert isinstance(ended, Succeeded)
        assert ended.output == {
            "ExecutedVersion": "$LATEST",
            "Payload": {"b": 1},
            **METADATA,
            "StatusCode": 200,
        }
        assert list(ended.output) == sorted(ended.output)

    def test_a_functions_arn_gives_its_answer_alone(self) -> None:
        """The arguments are the event."""
        world = World(invoke={"StatusCode": 200, "Payload": body("[1]")})
        assert world.run(FUNCTION, {"a": 1}) == Succeeded([1])
        assert world.services.params("invoke") == [{"FunctionName": FUNCTION, "Payload": b'{"a":1}'}]

    def test_an_exception_is_the_error_and_the_runtimes_words_the_cause(self) -> None:
        """The text is exactly as it came."""
        text = '{"errorMessage": "no", "errorType": "NotFound"}'
        world = World(invoke={"FunctionError": "Unhandled", "Payload": body(text)})
        assert world.run("lambda:invoke", {"FunctionName": "f"}) == Failed("NotFound", text)

    def test_without_an_error_type_it_is_unknown(self) -> None:
        """As for a function that timed out."""
        world = World(invoke={"FunctionError": "Unhandled", "Payload": body('{"errorMessage": "late"}')})
        cause = (
            "The cause could not be determined because Lambda did not return an error type. "
            'Returned payload: {"errorMessage": "late"}'
        )
        assert world.run("lambda:invoke", {"FunctionName": "f"}) == Failed("Lambda.Unknown", cause)

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("ResourceNotFoundException", "Lambda.ResourceNotFoundException"),
            ("TooManyRequestsException", "Lambda.TooManyRequestsException"),
            ("ServiceException", "Lambda.ServiceException"),
            ("AccessDeniedException", "Lambda.AWSLambdaException"),
        ],
    )
    def test_a_refusal_is_named_after_the_sdks_class(self, code: str, name: str) -> None:
        """What has none is the service's own exception."""
        world = World(invoke=refusal(code, "no", 404))
        cause = f"no (Service: AWSLambda; Status Code: 404; Error Code: {code}; Request ID: r; Proxy: null)"
        assert world.run("lambda:invoke", {"FunctionName": "f"}) == Failed(name, cause)

    def test_no_answer_is_a_client_exception(self) -> None:
        """The server is not there."""
        failed = World(invoke=ConnectionError("gone")).run("lambda:invoke", {"FunctionName": "f"})
        assert isinstance(failed, Failed)
        assert failed.error == "Lambda.SdkClientException"

    def test_what_step_functions_does_not_support_cannot_start_the_task(self) -> None:
        """The fields are named, before anything is scheduled."""
        refusal = World().tasks.refusal(parse_resource("arn:aws:states:::lambda:invoke"), {"DryRun": True})
        assert refusal == (
            "The Parameters '{\"DryRun\":true}' could not be used to start the Task: "
            "[The field 'DryRun' is not supported by Step Functions, "
            "The field 'FunctionName' is required but was missing]"
        )

    def test_a_task_token_is_only_submitted(self) -> None:
        """The end comes by SendTaskSuccess."""
        world = World(invoke={"StatusCode": 200, "Payload": body("null")})
        submitted = world.run("lambda:invoke.waitForTaskToken", {"FunctionName": "f"})
        assert isinstance(submitted, Submitted)
        assert submitted.output["Payload"] is None


class TestMessages:
    """Queues, topics and buses."""

    def test_a_message_that_is_no_text_is_sent_as_json(self) -> None:
        """For SQS."""
        world = World(send_message={"MessageId": "1", "MD5OfMessageBody": "m"})
        ended = world.run("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": {"a": 1}})
        assert world.services.params("send_message") == [{"QueueUrl": "u", "MessageBody": '{"a":1}'}]
        assert ended == Succeeded({"MD5OfMessageBody": "m", "MessageId": "1", **METADATA})

    def test_a_queue_that_is_not_there(self) -> None:
        """Its error has a class of the SDK's, whatever the code on the wire."""
        refused = refusal("AWS.SimpleQueueService.NonExistentQueue", "none")
        refused.response["Error"]["QueryErrorCode"] = "QueueDoesNotExist"
        world = World(send_message=refused)
        failed = world.run("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": "m"})
        assert isinstance(failed, Failed)
        assert failed.error == "SQS.QueueDoesNotExistException"

    def test_a_topic_gets_text(self) -> None:
        """For SNS."""
        world = World(publish={"MessageId": "1"})
        world.run("sns:publish", {"TopicArn": "t", "Message": {"a": 1}})
        assert world.services.params("publish") == [{"TopicArn": "t", "Message": '{"a":1}'}]

    def test_events_name_the_machine_and_the_execution(self) -> None:
        """In their resources, after those that were given."""
        world = World(put_events={"Entries": [{"EventId": "1"}], "FailedEntryCount": 0})
        entry = {"Source": "s", "DetailType": "d", "Detail": {"a": 1}, "Resources": ["r"]}
        ended = world.run("events:putEvents", {"Entries": [entry]})
        sent = world.services.params("put_events")[0]["Entries"][0]
        assert sent["Detail"] == '{"a":1}'
        assert sent["Resources"] == ["r", f"{PREFIX}:stateMachine:m", EXECUTION]
        assert ended == Succeeded({"Entries": [{"EventId": "1"}], "FailedEntryCount": 0})

    def test_an_event_that_was_not_taken_fails_the_task(self) -> None:
        """With the whole answer as the cause."""
        refused = {"Entries": [{"ErrorCode": "MalformedDetail"}], "FailedEntryCount": 1}
        failed = World(put_events=refused).run("events:putEvents", {"Entries": [{"Detail": "x"}]})
        cause = '{"Entries":[{"ErrorCode":"MalformedDetail"}],"FailedEntryCount":1}'
        assert failed == Failed("EventBridge.FailedEntry", cause)


class TestDynamoDb:
    """Items."""

    def test_an_item_is_read(self) -> None:
        """Attribute values are written as the API writes them."""
        world = World(get_item={"Item": {"id": {"S": "1"}, "ok": {"BOOL": True}}})
        key = {"id": {"S": "1"}}
        ended = world.run("dynamodb:getItem", {"TableName": "t", "Key": key})
        assert world.services.params("get_item") == [{"TableName": "t", "Key": key}]
        assert ended == Succeeded({"Item": {"id": {"S": "1"}, "ok": {"BOOL": True}}, **METADATA})

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"),
            ("ValidationException", "DynamoDB.AmazonDynamoDBException"),
        ],
    )
    def test_it_fails_by_the_sdks_names(self, code: str, name: str) -> None:
        """A condition that does not hold can be caught."""
        arguments: dict[str, Any] = {"TableName": "t", "Item": {}}
        failed = World(put_item=refusal(code, "no")).run("dynamodb:putItem", arguments)
        cause = (
            f"no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: {code}; Request ID: r; "
            "Proxy: null)"
        )
        assert failed == Failed(name, cause)


class TestRoles:
    """Under which role calls are made."""

    def test_it_is_the_machines_in_its_name(self) -> None:
        """Step Functions assumes it for the machine; the client is kept."""
        world = World()
        for _ in range(2):
            world.run("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": "m"})
        (client,) = world.services.clients
        assert (client["role_arn"], client["on_behalf_of"]) == (ROLE, "states.amazonaws.com")
        assert client["source_arn"] == f"{PREFIX}:stateMachine:m"

    def test_a_call_is_made_once_and_may_take_long(self) -> None:
        """A function runs for up to 15 minutes, and what is tried again the machine says."""
        world = World()
        world.run("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": "m"})
        settings = world.services.clients[0]["settings"]
        assert settings.read_timeout > 900
        assert settings.retries == {"total_max_attempts": 1}

    def test_a_role_that_cannot_be_assumed_is_denied(self) -> None:
        """As the service itself would deny it."""
        from embedded.authority import AccessDenied

        world = World(send_message=AccessDenied(ROLE, "sts:AssumeRole", ROLE))
        failed = world.run("sqs:sendMessage", {"QueueUrl": "u", "MessageBody": "m"})
        assert isinstance(failed, Failed)
        assert failed.error == "SQS.AmazonSQSException"
        assert "is not authorized to perform: sts:AssumeRole" in str(failed.cause)
