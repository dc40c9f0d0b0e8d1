"""What rules and mappings need, by target and source."""

import pytest

from embedded import mapping_permissions, rule_permissions
from embedded.authority import AccessDenied

PREFIX = "us-east-1:000000000000"


@pytest.mark.parametrize(
    ("arn", "action"),
    [
        (f"arn:aws:states:{PREFIX}:stateMachine:m", "states:StartExecution"),
        (f"arn:aws:lambda:{PREFIX}:function:f", "lambda:InvokeFunction"),
        (f"arn:aws:events:{PREFIX}:event-bus/b", "events:PutEvents"),
        (f"arn:aws:events:{PREFIX}:api-destination/d/1", "events:InvokeApiDestination"),
        (f"arn:aws:codebuild:{PREFIX}:project/p", "codebuild:StartBuild"),
    ],
)
def test_a_target_needs_one_action(arn: str, action: str) -> None:
    """On the target itself."""
    assert rule_permissions.needed({"Arn": arn}) == [(action, arn)]


def test_a_job_queue_needs_it_on_the_definition_too() -> None:
    """As SubmitJob does, which names both."""
    queue = f"arn:aws:batch:{PREFIX}:job-queue/q"
    target = {"Arn": queue, "BatchParameters": {"JobDefinition": "d", "JobName": "j"}}
    found = [arn for _, arn in rule_permissions.needed(target)]
    assert found == [f"arn:aws:batch:{PREFIX}:job-definition/d", queue]


def test_a_target_of_an_unknown_service_is_refused() -> None:
    """By its ARN, rather than delivered to unasked."""
    reason = rule_permissions.refusal({"Arn": "arn:aws:quantum:::q", "RoleArn": "r"}, "rule")
    assert reason == "arn:aws:quantum:::q is of no service whose permissions are known here"


def test_lambda_says_what_a_mapping_lacks() -> None:
    """Of queues the operation, of streams all of them."""
    queue = f"arn:aws:sqs:{PREFIX}:q"
    role = "arn:aws:iam::000000000000:role/r"
    said = mapping_permissions.explain(AccessDenied(role, "sqs:DeleteMessage", queue), queue)
    assert said == "The provided execution role does not have permissions to call DeleteMessage on SQS"
    stream = f"arn:aws:dynamodb:{PREFIX}:table/t/stream/s"
    said = mapping_permissions.explain(AccessDenied(role, "dynamodb:GetRecords", stream), stream)
    assert said.endswith(
        "GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM."
    )
