"""What a function's role needs to read the source of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

from collections.abc import Mapping

from embedded import authority

_STREAM = (
    "Cannot access stream {arn}. Please ensure the role can perform the {listed} Actions on your stream "
    "in IAM."
)
_QUEUE = "The provided execution role does not have permissions to call {operation} on SQS"


def needed(source_arn: str) -> list[tuple[str, str]]:
    """Pairs of action and ARN; none for a source that is not read under a role."""
    actions = _ACTIONS.get(source_arn.split(":")[2], ())
    return [(action, "*" if action in _ON_EVERYTHING else source_arn) for action in actions]


def missing(role_arn: str, source_arn: str) -> authority.AccessDenied | None:
    """The first that a role may not; None where it may read the source."""
    try:
        for action, arn in needed(source_arn):
            authority.check(role_arn, action, arn)
    except authority.AccessDenied as denied:
        return denied
    return None


def explain(denied: authority.AccessDenied, source_arn: str) -> str:
    """How Lambda says, when a mapping is made, that the function's role may not read its source."""
    if denied.action.startswith("sqs:"):
        return _QUEUE.format(operation=denied.action.partition(":")[2])
    actions = [each.partition(":")[2] for each in _ACTIONS[source_arn.split(":")[2]]]
    return _STREAM.format(arn=source_arn, listed=f"{', '.join(actions[:-1])}, and {actions[-1]}")


_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": (
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:DescribeStream",
        "dynamodb:ListStreams",
    ),
    "kinesis": (
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:DescribeStream",
        "kinesis:ListShards",
        "kinesis:ListStreams",
    ),
}
# They take no resource, so they are asked about everything.
_ON_EVERYTHING = frozenset({"dynamodb:ListStreams", "kinesis:ListStreams"})
