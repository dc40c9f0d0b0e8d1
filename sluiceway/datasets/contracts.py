"""Datasets: named S3 prefixes whose versions are manifests. Nothing is copied."""

from dataclasses import dataclass
from datetime import datetime

from sluiceway.contract import Contract
from sluiceway.names import Name, Version
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
