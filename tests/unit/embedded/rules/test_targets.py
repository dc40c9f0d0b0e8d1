"""Targets of rules: which are served, and with which calls."""

from typing import Any

import pytest

from embedded.rules import targets

ARN = "arn:aws:{}:us-east-1:000000000000:{}"
ROLE = {"RoleArn": "arn:aws:iam::000000000000:role/r"}
BATCH = {
    "JobDefinition": "d",
    "JobName": "n",
    "ArrayProperties": {"Size": 3},
    "RetryStrategy": {"Attempts": 2},
}


@pytest.mark.parametrize(
    ("target", "payload", "expected"),
    [
        (
            {"Arn": ARN.format("states", "stateMachine:m")},
            "{}",
            {"stateMachineArn": ARN.format("states", "stateMachine:m"), "input": "{}"},
        ),
        (
            {"Arn": ARN.format("batch", "job-queue/q"), "BatchParameters": BATCH, "Input": "x"},
            '{"Parameters": {"a": "1"}, "ContainerOverrides": {"Command": ["c"]}}',
            {
                "jobName": "n", "jobQueue": ARN.format("batch", "job-queue/q"), "jobDefinition": "d",
                "arrayProperties": {"size": 3}, "retryStrategy": {"attempts": 2},
                "parameters": {"a": "1"}, "containerOverrides": {"command": ["c"]},
            },
        ),
        ({"Arn": ARN.format("codebuild", "project/p")}, "{}", {"projectName": "p"}),
        (
            {"Arn": ARN.format("kinesis", "stream/s"), "KinesisParameters": {"PartitionKeyPath": "$.source"}},
            "{}",
            {"StreamName": "s", "Data": b"{}", "PartitionKey": "app"},
        ),
    ],
)  # fmt: skip
def test_a_target_with_a_role_becomes_a_call(target: Any, payload: str, expected: Any) -> None:
    """In the services' own spelling."""
    targets.check(target | ROLE)
    assert targets.request(target, payload, {"source": "app"}).parameters == expected


@pytest.mark.parametrize(
    "target",
    [
        {"Arn": "q"},
        {"Arn": ARN.format("ecs", "cluster/c"), **ROLE},
        {"Arn": ARN.format("logs", "log-group:g")},
        {"Arn": ARN.format("states", "stateMachine:m")},
        {"Arn": ARN.format("batch", "job-queue/q"), **ROLE},
        {"Arn": ARN.format("sqs", "q.fifo")},
        {"Arn": ARN.format("sqs", "q"), "EcsParameters": {"TaskDefinitionArn": "t"}},
        {"Arn": ARN.format("sqs", "q"), "DeadLetterConfig": {"Arn": ARN.format("sqs", "d.fifo")}},
        {"Arn": ARN.format("sqs", "q"), "DeadLetterConfig": {"Arn": ARN.format("sns", "t")}},
        {"Arn": ARN.format("sqs", "q"), "RetryPolicy": {"MaximumRetryAttempts": 186}},
        {"Arn": ARN.format("sqs", "q"), "RetryPolicy": {"MaximumEventAgeInSeconds": 59}},
        {"Arn": ARN.format("sqs", "q"), "InputPath": "detail"},
    ],
)
def test_what_is_not_served_is_refused(target: dict[str, Any]) -> None:
    """MiniStack takes it, and writes a line to its log when an event comes."""
    with pytest.raises(targets.InvalidTarget):
        targets.check({"Id": "t"} | target)
