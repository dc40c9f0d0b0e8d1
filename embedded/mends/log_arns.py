"""On which ARN IAM is asked about CloudWatch Logs: AWS names the stream, MiniStack only the group.

AWS words a denial as `logs:CreateLogStream on resource: …:log-group:NAME:log-stream:STREAM`, and that of a
group's operation as `…:log-group:NAME:log-stream:`. So a policy on the ARN of a group, which ends in `:*`,
allows both, and one on `…:log-group:NAME` allows neither.
"""

import json
from typing import Any

_OF_TAGS = frozenset({"TagResource", "UntagResource", "ListTagsForResource"})


def install() -> None:
    """Ask about ARNs as AWS does."""
    from ministack.core import iam_actions

    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str, method: str, path: str, headers: Any, body: bytes, *where: Any
    ) -> str:
        found = str(extract(service, method, path, headers, body, *where))
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        return found if service != "logs" or action in _OF_TAGS else resource(found, body)

    iam_actions.extract_resource_arn = extract_resource_arn


def resource(group_arn: str, body: bytes) -> str:
    """The ARN for a request on a group, or on one of its streams; others stay as they are."""
    if ":log-group:" not in group_arn:
        return group_arn
    stream = json.loads(body).get("logStreamName", "")
    return f"{group_arn}:log-stream:{stream}"
