"""Buckets in memory, with versions as S3 keeps them."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sluiceway.errors import NotFound
from sluiceway.gateways.objects import ObjectVersion, TooLarge
from sluiceway.gateways.records import Claim

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class MemoryObjects:
    """`Objects` in memory; each write is a second later than the one before."""

    def __init__(self) -> None:
        self.bodies: dict[tuple[str, str, str], bytes] = {}
        self.versions: dict[tuple[str, str], list[ObjectVersion]] = {}
        self.checksums: dict[tuple[str, str], str] = {}
        """SHA-256 that uploaders gave, by key and version."""
        self.under_kms: set[str] = set()
        """Buckets that encrypt with a KMS key."""
        self.read: list[tuple[str, str]] = []
        """What was streamed."""
        self._writes = 0

    def get(
        self, bucket: str, key: str, *, version_id: str | None = None, at_most: int | None = None
    ) -> bytes:
        body = self._body(bucket, key, version_id)
        if at_most is not None and len(body) > at_most:
            raise TooLarge(f"s3://{bucket}/{key} has {len(body)} bytes; the limit is {at_most}")
        return body

    def put(self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json") -> None:
        etag = hashlib.md5(body).hexdigest()
        version = self._add(bucket, key, size=len(body), etag=etag)
        self.bodies[bucket, key, version.version_id] = body

    def put_once(
        self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json"
    ) -> Claim:
        if not self.exists(bucket, key):
            self.put(bucket, key, body)
            return Claim.WON
        return Claim.MINE if self.get(bucket, key) == body else Claim.THEIRS

    def keep(self, bucket: str, key: str, body: bytes, *, content_type: str = "application/json") -> None:
        self.put_once(bucket, key, body)

    def delete(self, bucket: str, key: str) -> None:
        self._add(bucket, key, deleted=True)

    def exists(self, bucket: str, key: str) -> bool:
        return any(
            version.is_latest and not version.deleted for version in self.versions.get((bucket, key), ())
        )

    def list_keys(self, bucket: str, prefix: str) -> Iterator[str]:
        keys = sorted(key for where, key in self.versions if where == bucket and key.startswith(prefix))
        yield from (key for key in keys if self.exists(bucket, key))

    def list_versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        for where, key in sorted(self.versions):
            if where == bucket and key.startswith(prefix):
                yield from reversed(self.versions[where, key])

    def download(self, bucket: str, key: str, path: Path, *, version_id: str | None = None) -> None:
        path.write_bytes(self._body(bucket, key, version_id))

    def stream(self, bucket: str, key: str, *, version_id: str, start: int = 0) -> Iterator[bytes]:
        body = self._body(bucket, key, version_id)
        self.read.append((key, version_id))
        yield body[start:]

    def known_sha256(self, bucket: str, key: str, *, version_id: str) -> str | None:
        self._body(bucket, key, version_id)
        return self.checksums.get((key, version_id))

    def etags_are_md5(self, bucket: str) -> bool:
        return bucket not in self.under_kms

    def put_in_parts(self, bucket: str, key: str, body: bytes, *, part: int) -> None:
        """A multipart upload: its ETag is made of its parts'."""
        parts = [body[at : at + part] for at in range(0, len(body), part)]
        digests = b"".join(hashlib.md5(each).digest() for each in parts)
        etag = f"{hashlib.md5(digests).hexdigest()}-{len(parts)}"
        version = self._add(bucket, key, size=len(body), etag=etag)
        self.bodies[bucket, key, version.version_id] = body

    def forget(self, bucket: str, key: str) -> None:
        """Delete every version of a key for good."""
        for version in self.versions.pop((bucket, key), ()):
            self.bodies.pop((bucket, key, version.version_id), None)

    def upload(self, path: Path, bucket: str, key: str) -> None:
        self.put(bucket, key, path.read_bytes())

    def _add(
        self, bucket: str, key: str, *, size: int = 0, etag: str = "", deleted: bool = False
    ) -> ObjectVersion:
        self._writes += 1
        older = [replace(version, is_latest=False) for version in self.versions.get((bucket, key), ())]
        version = ObjectVersion(
            key=key,
            version_id=f"v{self._writes}",
            is_latest=True,
            last_modified=START + timedelta(seconds=self._writes),
            size=size,
            etag=etag,
            deleted=deleted,
        )
        self.versions[bucket, key] = [*older, version]
        return version

    def _body(self, bucket: str, key: str, version_id: str | None) -> bytes:
        version_id = version_id or next(
            (v.version_id for v in self.versions.get((bucket, key), ()) if v.is_latest and not v.deleted), ""
        )
        if (bucket, key, version_id) not in self.bodies:
            raise NotFound(f"there is no object s3://{bucket}/{key}")
        return self.bodies[bucket, key, version_id]
