"""Datasets: named S3 prefixes whose versions are manifests. Nothing is copied."""

from dataclasses import dataclass
from datetime import datetime

from sluiceway.contract import Contract
from sluiceway.names import Name, Version
from sluiceway.reasons import Reason
from sluiceway.triggers.contracts import Trigger


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
    """What S3 knows of the bytes: `sha256:<hex>` where it was given one, else `etag:<etag>`."""


class Manifest(Contract):
    """A dataset version. Its sha256 identifies it: over (key, size, checksum) in order of key."""

    dataset: Name
    version: Version
    bucket: str
    objects: tuple[ManifestObject, ...]


class SettleDatasetInput(Contract):
    """A message to oneself: when it arrives and nothing was uploaded since, the dataset has settled."""

    dataset: Name
    token: str
    """Id of the upload's event. Only who holds the newest token settles the dataset."""
    at_once: bool = False
    """The uploader said that the dataset is complete (`_SUCCESS`): settle whatever the token."""
    trigger: Trigger = "upload"


class QueryDatasetInput(Contract):
    """What `query_dataset` is started with."""

    event_id: str
    dataset: Name
    asked_at: str
    trigger: Trigger
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
