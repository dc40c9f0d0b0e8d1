"""The one object that holds a query's result: replaced only where nobody else has replaced it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from sluiceway.errors import LostRace
from sluiceway.gateways.aws_errors import asking, error_code
from sluiceway.names import s3_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = frozenset({"NoSuchKey", "404"})
_CHANGED = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "NoSuchKey", "404"})


@dataclass(frozen=True)
class Standing:
    """What lies there now."""

    etag: str
    rows: str
    """Fingerprint of the rows; empty where somebody else wrote the object."""
    event_id: str


class Results(Protocol):
    """Objects that hold the results of queries."""

    def standing(self, bucket: str, key: str) -> Standing | None:
        """What lies there, if anything does."""

    def replace(
        self, bucket: str, key: str, body: bytes, *, rows: str, event_id: str, instead_of: Standing | None
    ) -> None:
        """Write the object in place of what was seen there; raises `LostRace` where that is gone."""


class S3Results:
    """`Results` in S3; what they hold is noted as metadata of the objects."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def standing(self, bucket: str, key: str) -> Standing | None:
        """What lies there, if anything does."""
        try:
            with asking("S3", f"HeadObject {s3_uri(bucket, key)}"):
                found = self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise
        noted = found["Metadata"]
        return Standing(found["ETag"], noted.get("rows", ""), noted.get("event", ""))

    def replace(
        self, bucket: str, key: str, body: bytes, *, rows: str, event_id: str, instead_of: Standing | None
    ) -> None:
        """Write the object in place of what was seen there; raises `LostRace` where that is gone."""
        seen: Any = {"IfMatch": instead_of.etag} if instead_of else {"IfNoneMatch": "*"}
        try:
            with asking("S3", f"PutObject {s3_uri(bucket, key)}"):
                self._client.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=body,
                    ContentType="application/vnd.apache.parquet",
                    Metadata={"rows": rows, "event": event_id},
                    **seen,
                )
        except ClientError as error:
            if error_code(error) in _CHANGED:
                raise LostRace(f"{s3_uri(bucket, key)} was replaced by somebody else") from error
            raise
