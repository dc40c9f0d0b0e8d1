"""Datasets: named S3 prefixes whose versions are manifests. Nothing is copied."""

from sluiceway.contract import Contract
from sluiceway.names import Name, Version


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
