"""Who may not list a bucket is not told that an object is missing: S3 answers 403 instead of 404.

MiniStack answers 404 in any case. What AWS does stands under "Permissions" in
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
The object's key counts as `s3:prefix`, as others found out: https://github.com/ceph/ceph/pull/68577
"""

from typing import Any

_READS = ("GET", "HEAD")
_LIST = "s3:ListBucket"
_FORBIDDEN = 403
_MISSING = 404


def install() -> None:
    """Ask about the bucket where an object was not found."""
    from ministack import app

    handle = app.SERVICE_HANDLERS["s3"]

    async def handled(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        answer = await handle(method, path, headers, body, query)
        if answer[0] == _MISSING and method in _READS and _hides(path, headers, query):
            return _denied(path)
        return answer

    app.SERVICE_HANDLERS["s3"] = handled


def _hides(path: str, headers: Any, query: Any) -> bool:
    """Whether a bucket that exists may not be listed by whoever looked into it."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_region
    from ministack.core.router import extract_access_key_id
    from ministack.services import s3

    bucket, _, key = path.lstrip("/").partition("/")
    if not key or s3._buckets.get(bucket) is None:
        return False
    access_key, arn = extract_access_key_id(headers, query), f"arn:aws:s3:::{bucket}"
    keys = {"s3:prefix": key}
    return bool(
        iam_evaluator.enforce(access_key, _LIST, "s3", get_region(), resource_arn=arn, service_context=keys)
    )


def _denied(path: str) -> Any:
    from ministack.services import s3

    return s3._error("AccessDenied", "Access Denied", _FORBIDDEN, path)
