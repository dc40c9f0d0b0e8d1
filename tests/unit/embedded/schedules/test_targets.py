"""The calls that schedules make, and which are refused."""

import json
from typing import Any

import pytest

from embedded.schedules import targets, validation

ROLE = "arn:aws:iam::000000000000:role/r"
ARN = "arn:aws:{}:us-east-1:000000000000:{}"
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:{}"


def _target(arn: str, **settings: Any) -> dict[str, Any]:
    return {"Arn": arn, "RoleArn": ROLE} | settings


@pytest.mark.parametrize(
    ("target", "operation", "expected"),
    [
        (_target(ARN.format("lambda", "function:f")), "Invoke", {"InvocationType": "Event", "Payload": "{}"}),
        (_target(ARN.format("states", "stateMachine:m")), "StartExecution", {"input": "{}", "name": "id"}),
        (_target(ARN.format("sqs", "q")), "SendMessage", {"MessageBody": "{}"}),
        (_target(ARN.format("sns", "t")), "Publish", {"Message": "{}"}),
        (_target(ARN.format("codebuild", "project/p")), "StartBuild", {"projectName": "p"}),
        (_target(UNIVERSAL.format("sfn:startSyncExecution"), Input="{}"), "StartSyncExecution", {}),
        (_target(UNIVERSAL.format("dynamodb:putItem"), Input='{"TableName": "t"}'), "PutItem", {}),
    ],
)
def test_a_target_becomes_a_call(target: dict[str, Any], operation: str, expected: dict[str, Any]) -> None:
    """Templated targets by their service, universal ones by their name."""
    targets.check(target)
    found = targets.request(target, target.get("Input", "{}"), "id")
    assert found.operation == operation
    assert expected.items() <= found.parameters.items()


def test_a_bus_gets_an_event_with_the_parameters() -> None:
    """EventBridgeParameters name source and detail type."""
    parameters = {"DetailType": "d", "Source": "s"}
    target = _target(ARN.format("events", "event-bus/b"), EventBridgeParameters=parameters)
    targets.check(target)
    (entry,) = targets.request(target, "{}", "id").parameters["Entries"]
    assert entry == parameters | {"EventBusName": target["Arn"], "Detail": "{}"}


@pytest.mark.parametrize(
    "target",
    [
        _target("queue"),
        _target(ARN.format("ecs", "cluster/c")),
        _target(ARN.format("events", "event-bus/b")),
        _target(ARN.format("sqs", "q.fifo")),
        _target(ARN.format("sqs", "q"), KinesisParameters={"PartitionKey": "k"}),
        _target(ARN.format("lambda", "function:f"), Input="no json"),
        _target(UNIVERSAL.format("dynamodb:getItem")),
        _target(UNIVERSAL.format("dynamodb:eatItem")),
        _target(UNIVERSAL.format("nothing:putItem")),
        _target(UNIVERSAL.format("polly:startSpeechSynthesisTask")),
        _target(UNIVERSAL.format("dynamodb:putItem"), Input="no json"),
    ],
)
def test_what_cannot_be_invoked_is_refused(target: dict[str, Any]) -> None:
    """By name, when the schedule is stored."""
    with pytest.raises(targets.InvalidTarget):
        targets.check(target)


def _body(**changes: Any) -> dict[str, Any]:
    body = {
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": _target(ARN.format("sqs", "q")),
    }
    return json.loads(json.dumps(body | changes))


def test_a_good_schedule_is_not_refused() -> None:
    """With a zone, a window and dates."""
    changes: dict[str, Any] = {
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "StartDate": 5.0,
        "EndDate": 6.0,
    }
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert validation.reason("s", _body(FlexibleTimeWindow=window, **changes)) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ScheduleExpression": "cron(0 0 * * *)"}, "Invalid Schedule Expression"),
        ({"ScheduleExpressionTimezone": "Mars/Olympus"}, "Invalid Schedule Expression"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes"),
        ({"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}}, "MaximumWindowInMinutes"),
        ({"StartDate": 6.0, "EndDate": 5.0}, "EndDate"),
        ({"State": 5}, "validation error"),
        ({"Target": {"Arn": "a"}}, "RoleArn"),
        ({"Target": _target(ARN.format("sqs", "q"), RetryPolicy={"MaximumRetryAttempts": 186})}, "185"),
        ({"Target": _target(ARN.format("sqs", "q"), RetryPolicy={"MaximumEventAgeInSeconds": 59})}, "60"),
        (
            {
                "Target": _target(
                    ARN.format("sqs", "q"), DeadLetterConfig={"Arn": ARN.format("sqs", "d.fifo")}
                )
            },
            "standard",
        ),
    ],
)
def test_a_wrong_schedule_is_refused(changes: dict[str, Any], expected: str) -> None:
    """What AWS answers with a ValidationException."""
    assert expected in (validation.reason("s", _body(**changes)) or "")
