"""Datasets: named S3 prefixes whose versions are manifests. Nothing is copied."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from sluiceway.contract import Contract
from sluiceway.names import Name, RelativePath, Version
from sluiceway.projects.duration import Duration
from sluiceway.reasons import Reason
from sluiceway.triggers.contracts import Trigger

INCOMPLETE = "DatasetsIncomplete"
"""Metric that counts datasets whose manifest's deadline passed; an alarm watches it."""
MAX_FILES = 50_000
"""That a manifest may name."""


@dataclass(frozen=True)
class ObjectVersion:
    """One version of one key, or the marker that it was deleted."""

    key: str
    version_id: str
    is_latest: bool
    last_modified: datetime
    size: int = 0
    etag: str = ""
    """Without quotes."""
    deleted: bool = False


class ManifestObject(Contract):
    """One object of a dataset version, pinned by its S3 version id."""

    key: str
    """Full key in the uploads bucket: `data/<dataset>/<path>`."""
    version_id: str
    size: int
    """bytes"""
    checksum: str
    """`etag:<MD5 of the bytes>`: S3's ETag of what was put at once, computed for what was put in parts. Only
    of what is too large to be read: `etag:<S3's own, of its parts>-<number>`."""
    sha256: str | None = None
    """Where it is known: S3 was given it, or a manifest stated it."""


class Manifest(Contract):
    """A dataset version. Its sha256 identifies it: over (key, size, checksum) in order of key."""

    dataset: Name
    version: Version
    bucket: str
    objects: tuple[ManifestObject, ...]


class ContentDigest(Contract):
    """What the bytes of an object hash to, in hexadecimal digits."""

    md5: str
    sha256: str


class StatedFile(Contract):
    """One file that an upload must hold."""

    path: RelativePath = Field(max_length=1024, description="below data/<dataset>/")
    size: int | None = Field(default=None, ge=1, description="bytes")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")


class UploadManifest(Contract):
    """`data/<dataset>/_MANIFEST.json`: what the dataset holds when it is complete. Nothing starts before."""

    count: int | None = Field(
        default=None, ge=1, le=10**9, description="objects of the dataset, markers not counted"
    )
    bytes: int | None = Field(default=None, ge=1, le=10**18, description="of all objects together")
    files: tuple[StatedFile, ...] = Field(
        default=(),
        max_length=MAX_FILES,
        description="files that must be there; others may be, unless count is given",
    )
    deadline: Duration = Field(
        default=3600,
        ge=60,
        le=7 * 86400,
        description="after this manifest; what is missing then raises an alarm",
    )

    @model_validator(mode="after")
    def _can_be_true(self) -> Self:
        if self.count is None and self.bytes is None and not self.files:
            raise ValueError("it states nothing: give count, bytes or files")
        if len({stated.path for stated in self.files}) != len(self.files):
            raise ValueError("files: a path is named twice")
        if self.count is not None and self.count < len(self.files):
            raise ValueError(f"count is {self.count}, but files names {len(self.files)}")
        stated = sum(each.size or 0 for each in self.files)
        if self.bytes is not None and self.bytes < stated:
            raise ValueError(f"bytes is {self.bytes}, but the sizes in files add up to {stated}")
        return self


class SettleDatasetInput(Contract):
    """A message to oneself: look whether the dataset has settled, and make a version of it."""

    dataset: Name
    token: str
    """The timer's name; with `at_once` the event of the upload that said that all is there."""
    at_once: bool = False
    """The uploader said that the dataset is complete (`_SUCCESS`, `_MANIFEST.json`): wait for nothing."""
    trigger: Trigger = "upload"


class QueryDatasetInput(Contract):
    """What `query_dataset` is started with."""

    event_id: str
    dataset: Name
    asked_at: str
    trigger: Trigger
    token: str
    """Athena starts one query for it: 32 to 128 characters."""
    sql: str
    database: str
    workgroup: str
    ordered: bool


class PublishQueryInput(Contract):
    """A query that has succeeded, and where its result lies."""

    event_id: str
    dataset: Name
    asked_at: str
    """Of two results the one that was asked for later stands."""
    ordered: bool
    """Keep the order of the rows."""
    query_execution_id: str
    output_uri: str
    """The CSV that Athena wrote."""


class FailQueryInput(Contract):
    """A query, or the publishing of its result, that ended badly."""

    event_id: str
    dataset: Name
    trigger: Trigger
    error: str
    cause: str | None = None


class QueryEnded(Contract):
    """How a query ended, as it stands in the ledger."""

    dataset: Name
    outcome: str
    reason: Reason
