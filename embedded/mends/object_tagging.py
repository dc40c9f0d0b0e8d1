"""An object that is put with tags needs `s3:PutObjectTagging`, too; MiniStack asks for `s3:PutObject` only.

A copy that takes its source's tags along also needs `s3:GetObjectTagging` on it. The tags themselves are
condition keys of the put. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

Checks = list[tuple[str, str]]

_TAGS, _SOURCE = "x-amz-tagging", "x-amz-copy-source"


def install() -> None:
    """Add the actions and the keys to what IAM is asked about a request to S3."""
    from ministack.core import iam_actions

    additional, context = iam_actions.s3_additional_checks, iam_actions.s3_service_context

    def additional_checks(method: str, path: str, headers: Any, body: bytes, query: Any) -> Checks:
        puts = method in ("PUT", "POST") and iam_actions._s3_action(method, path, query) == "PutObject"
        return [*additional(method, path, headers, body, query), *(_tagging(path, headers) if puts else [])]

    def service_context(action: str, query: Any, path: str = "", headers: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = context(action, query, path, headers)
        return found | (request_tags(headers or {}) if action == "s3:PutObject" else {})

    iam_actions.s3_additional_checks = additional_checks
    iam_actions.s3_service_context = service_context


def request_tags(headers: Mapping[str, str]) -> dict[str, Any]:
    """The condition keys of tags that a request's header sets."""
    tags = dict(parse_qsl(headers.get(_TAGS, ""), keep_blank_values=True))
    keys: dict[str, Any] = {f"s3:RequestObjectTag/{name}": value for name, value in tags.items()}
    return keys | ({"s3:RequestObjectTagKeys": list(tags)} if tags else {})


def _tagging(path: str, headers: Mapping[str, str]) -> Checks:
    target = f"arn:aws:s3:::{path.lstrip('/')}"
    put = [("s3:PutObjectTagging", target)]
    if _SOURCE not in headers or headers.get("x-amz-tagging-directive", "").upper() == "REPLACE":
        return put if headers.get(_TAGS) else []
    source = unquote(headers[_SOURCE].partition("?")[0]).lstrip("/")
    return [("s3:GetObjectTagging", f"arn:aws:s3:::{source}"), *put] if _has_tags(source) else []


def _has_tags(source: str) -> bool:
    from ministack.services import s3

    bucket, _, key = source.partition("/")
    return bool(s3.object_tags_for_condition(bucket, key, {}))
