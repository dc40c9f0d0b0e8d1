"""On which ARN IAM is asked about a schedule: AWS names its group, MiniStack always the group `default`.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_scheduler.html
"""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

_DEFAULT = ":schedule/default/"


def install() -> None:
    """Ask about ARNs as AWS does."""
    from ministack.core import iam_actions

    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str, method: str, path: str, headers: Any, body: bytes, *where: Any
    ) -> str:
        found = str(extract(service, method, path, headers, body, *where))
        return resource(found, path, body, *where) if service == "scheduler" else found

    iam_actions.extract_resource_arn = extract_resource_arn


def resource(arn: str, path: str, body: bytes, query: Any = None, *_where: Any) -> str:
    """The ARN of a schedule, with the group that the request names; others stay as they are."""
    if _DEFAULT not in arn:
        return arn
    asked = dict(query) if isinstance(query, dict) else parse_qs(urlsplit(path).query)
    named = asked.get("groupName") or _of_body(body).get("GroupName") or "default"
    group = named[0] if isinstance(named, list) else named
    return arn.replace(_DEFAULT, f":schedule/{group}/", 1)


def _of_body(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
