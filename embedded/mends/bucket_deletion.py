"""CloudFormation deletes a bucket only when it is empty; versions and delete markers count.

MiniStack forgets the bucket, and its objects stay on disk.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
"""

from typing import Any
from xml.etree import ElementTree

_TYPE = "AWS::S3::Bucket"
_GONE = "NoSuchBucket"


def install() -> None:
    """Delete by the API."""
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    _RESOURCE_HANDLERS[_TYPE]["delete"] = delete


def delete(name: str, _properties: dict[str, Any]) -> None:
    """Delete a bucket that is empty; one that is gone already is no error."""
    from ministack.services import s3

    status, _, body = s3._delete_bucket(name)
    code, message = _error(body) if status >= 400 else ("", "")
    if code and code != _GONE:
        raise ValueError(f"{message} (Service: S3, Status Code: {status}, Error Code: {code})")


def _error(body: bytes) -> tuple[str, str]:
    root = ElementTree.fromstring(body)  # noqa: S314 - written by MiniStack in this process
    found = {child.tag.rpartition("}")[2]: child.text or "" for child in root.iter()}
    return found.get("Code", "Unknown"), found.get("Message", "")
