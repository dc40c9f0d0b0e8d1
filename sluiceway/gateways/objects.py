"""Objects in S3 buckets: what is read, what is written once, and every version of what was uploaded."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from botocore.exceptions import ClientError

from sluiceway.contract import Contract
from sluiceway.datasets.contracts import ObjectVersion as ObjectVersion
from sluiceway.errors import LostRace, NotFound, PermanentError
from sluiceway.gateways.aws_errors import asking, error_code
from sluiceway.gateways.records import Claim
from sluiceway.names import s3_uri, split_s3_uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK = 1024 * 1024
"""bytes read at once while downloading"""
Record = TypeVar("Record", bound=Contract)


class TooLarge(PermanentError):
    """An object has more bytes than its reader allows."""


class Archived(PermanentError):
    """An object lies in a storage class from which nobody can read it before it is restored."""


class Objects(Protocol):
    """Objects of all buckets that the caller's role can reach."""

    def get(
        self, bucket: str, key: str, *, version_id: str | None = None, at_most: int | None = None
    ) -> bytes:
        """The object's bytes; raises `NotFound`, and `TooLarge` where it has more than `at_most` bytes."""

    def put(self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json") -> None:
        """Write the object, whatever was there. Only for what may be written twice."""

    def put_once(
        self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json"
    ) -> Claim:
        """Write the object unless there is one; MINE when there is one with the same bytes."""

    def keep(self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json") -> None:
        """Write an object whose key is a hash of what it says, unless it is there: then it says the same."""

    def exists(self, bucket: str, key: str) -> bool:
        """Whether there is such an object."""

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Keys under the prefix, in order."""

    def delete(self, bucket: str, key: str) -> None:
        """Take the object away; in a versioned bucket its versions stay."""

    def list_versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker under the prefix, key by key, newest first."""

    def download(self, bucket: str, key: str, path: Path, *, version_id: str | None = None) -> None:
        """Stream the object into a file; raises `NotFound`."""

    def stream(self, bucket: str, key: str, *, version_id: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a version from `start` on, in pieces; raises `NotFound`."""

    def known_sha256(self, bucket: str, key: str, *, version_id: str) -> str | None:
        """SHA-256 of the whole object, as hexadecimal digits, where the storage has it; raises `NotFound`."""

    def etags_are_md5(self, bucket: str) -> bool:
        """Whether the ETag of what is put at once is the MD5 of its bytes: not under a KMS key."""

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Write a file as an object, in parts where it is large."""


def read_contract(objects: Objects, uri: str, model: type[Record]) -> Record:
    """The contract that lies at an `s3://` URI; raises `NotFound`."""
    return model.model_validate_json(objects.get(*split_s3_uri(uri)))


def write_contract_once(objects: Objects, uri: str, record: Contract) -> Claim:
    """Write a contract to an `s3://` URI unless something lies there."""
    return objects.put_once(*split_s3_uri(uri), record.model_dump_json().encode())


class S3Objects:
    """`Objects` in S3."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def get(
        self, bucket: str, key: str, *, version_id: str | None = None, at_most: int | None = None
    ) -> bytes:
        """The object's bytes; raises `NotFound`, and `TooLarge` where it has more than `at_most` bytes."""
        answer = self._get(bucket, key, version_id)
        if at_most is not None and answer["ContentLength"] > at_most:
            raise TooLarge(
                f"{s3_uri(bucket, key)} has {answer['ContentLength']} bytes; the limit is {at_most}"
            )
        with asking("S3", f"GetObject {s3_uri(bucket, key)}"):
            body: bytes = answer["Body"].read()
        return body

    def put(self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json") -> None:
        """Write the object, whatever was there."""
        with asking("S3", f"PutObject {s3_uri(bucket, key)}"):
            self._client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)

    def put_once(
        self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json"
    ) -> Claim:
        """Write the object unless there is one; MINE when there is one with the same bytes."""
        if self._put_new(bucket, key, body, content_type=content_type):
            return Claim.WON
        return Claim.MINE if self.get(bucket, key) == body else Claim.THEIRS

    def keep(self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json") -> None:
        """Write an object whose key is a hash of what it says; needs no permission to read."""
        self._put_new(bucket, key, body, content_type=content_type)

    def exists(self, bucket: str, key: str) -> bool:
        """Whether there is such an object."""
        try:
            with asking("S3", f"HeadObject {s3_uri(bucket, key)}"):
                self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error_code(error) in _MISSING:
                return False
            raise
        return True

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """Keys under the prefix, in order."""
        with asking("S3", f"ListObjectsV2 {s3_uri(bucket, prefix)}"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                yield from (entry["Key"] for entry in page.get("Contents", ()))

    def delete(self, bucket: str, key: str) -> None:
        """Take the object away; in a versioned bucket its versions stay."""
        with asking("S3", f"DeleteObject {s3_uri(bucket, key)}"):
            self._client.delete_object(Bucket=bucket, Key=key)

    def list_versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and delete marker under the prefix."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        with asking("S3", f"ListObjectVersions {s3_uri(bucket, prefix)}"):
            for page in pages:
                yield from map(_version, page.get("Versions", ()))
                yield from map(_version, page.get("DeleteMarkers", ()))

    def download(self, bucket: str, key: str, path: Path, *, version_id: str | None = None) -> None:
        """Stream the object into a file; raises `NotFound`."""
        body = self._get(bucket, key, version_id)["Body"]
        with asking("S3", f"GetObject {s3_uri(bucket, key)}"), path.open("wb") as file:
            for chunk in body.iter_chunks(CHUNK):
                file.write(chunk)

    def stream(self, bucket: str, key: str, *, version_id: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a version from `start` on, in pieces; raises `NotFound`."""
        body = self._get(bucket, key, version_id, start=start)["Body"]
        with asking("S3", f"GetObject {s3_uri(bucket, key)}"):
            yield from body.iter_chunks(CHUNK)

    def known_sha256(self, bucket: str, key: str, *, version_id: str) -> str | None:
        """SHA-256 of the whole object, where S3 was given it: of what came in parts it has none.

        Source: "Checking object integrity" in the S3 user guide: SHA-256 of multipart uploads is composite.
        """
        with self._finding(bucket, key, version_id), asking("S3", f"HeadObject {s3_uri(bucket, key)}"):
            found = self._client.head_object(
                Bucket=bucket, Key=key, VersionId=version_id, ChecksumMode="ENABLED"
            )
        told = found.get("ChecksumSHA256")
        if not told or "-" in told or found.get("ChecksumType") == "COMPOSITE":
            return None
        return base64.b64decode(told).hex()

    def etags_are_md5(self, bucket: str) -> bool:
        """Whether S3 encrypts with keys of its own (API reference, Object: ETag)."""
        try:
            with asking("S3", f"GetBucketEncryption {bucket}"):
                found = self._client.get_bucket_encryption(Bucket=bucket)
        except ClientError as error:
            if error_code(error) == "ServerSideEncryptionConfigurationNotFoundError":
                return True  # As S3 answered before 2023, when not every bucket encrypted.
            raise
        rules = found["ServerSideEncryptionConfiguration"]["Rules"]
        used = [rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules]
        return all(algorithm in (None, "AES256") for algorithm in used)

    def upload(self, path: Path, bucket: str, key: str) -> None:
        """Write a file as an object, in parts where it is large."""
        with asking("S3", f"upload {s3_uri(bucket, key)}"):
            self._client.upload_file(str(path), bucket, key)

    def _get(self, bucket: str, key: str, version_id: str | None, *, start: int = 0) -> Any:
        which: Any = {"VersionId": version_id} if version_id else {}
        if start:
            which["Range"] = f"bytes={start}-"
        with self._finding(bucket, key, version_id), asking("S3", f"GetObject {s3_uri(bucket, key)}"):
            return self._client.get_object(Bucket=bucket, Key=key, **which)

    @contextmanager
    def _finding(self, bucket: str, key: str, version_id: str | None) -> Iterator[None]:
        """Turn the answers for what is not there into `NotFound`.

        Who may not list a bucket gets 403 for a version that is not there (API reference, GetObject).
        """
        try:
            yield
        except ClientError as error:
            which = f" in version {version_id}" if version_id else ""
            if error_code(error) in _MISSING:
                raise NotFound(f"there is no object {s3_uri(bucket, key)}{which}") from error
            if error_code(error) == "InvalidObjectState":
                raise Archived(
                    f"{s3_uri(bucket, key)} lies in an archive of S3: upload it again, with a storage class "
                    f"that can be read at once"
                ) from error
            if version_id and error_code(error) in _HIDDEN:
                raise NotFound(
                    f"there is no object {s3_uri(bucket, key)}{which}, or this role may not read it: "
                    f"S3 answers 403 to both"
                ) from error
            raise

    def _put_new(self, bucket: str, key: str, body: bytes, *, content_type: str) -> bool:
        """Whether this call wrote the object; one that was there may be one's own, its answer lost."""
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        try:
            with asking("S3", f"PutObject {s3_uri(bucket, key)}"):
                self._client.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                )
        except ClientError as error:
            if error_code(error) == "ConditionalRequestConflict":
                raise LostRace(f"{s3_uri(bucket, key)} is being written by somebody else") from error
            if error_code(error) not in _TAKEN:
                raise
            return False
        return True


_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
_HIDDEN = frozenset({"AccessDenied", "403"})
_TAKEN = frozenset({"PreconditionFailed", "412"})


def _version(entry: Any) -> ObjectVersion:
    """From an entry of `Versions`, or of `DeleteMarkers`, which has neither size nor ETag."""
    return ObjectVersion(
        key=entry["Key"],
        version_id=entry["VersionId"],
        is_latest=entry["IsLatest"],
        last_modified=entry["LastModified"],
        size=entry.get("Size", 0),
        etag=entry.get("ETag", "").strip('"'),
        deleted="ETag" not in entry,
    )
