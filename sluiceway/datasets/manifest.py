"""Makes a dataset version out of what S3 lists. Pure: nothing is opened, nothing is copied."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from sluiceway.clock import timestamp
from sluiceway.datasets.contracts import Manifest, ManifestObject, ObjectVersion
from sluiceway.errors import InvalidDataset
from sluiceway.names import check_relative_path
from sluiceway.triggers.uploads import is_completion, is_folder_marker

MAX_NAME_BYTES = 255
"""The longest file name of Linux's file systems."""
NAMED_AT_MOST = 5
"""Keys that an error lists before it only counts."""


def make_manifest(dataset: str, *, bucket: str, versions: Iterable[ObjectVersion]) -> Manifest:
    """The latest objects that are data; raises `InvalidDataset` where there are none, or one is empty."""
    objects = tuple(sorted(map(_object, filter(_is_data, versions)), key=lambda found: found.key))
    if not objects:
        raise InvalidDataset(f"the dataset {dataset!r} has no objects: upload files under data/{dataset}/")
    _check_paths(dataset, [found.key.removeprefix(f"data/{dataset}/") for found in objects])
    empty = [found.key for found in objects if found.size == 0]
    if empty:
        raise InvalidDataset(
            f"the dataset {dataset!r} holds empty objects: {_some(empty)}; upload them again or delete them"
        )
    return Manifest(dataset=dataset, version=version_of(objects), bucket=bucket, objects=objects)


def _check_paths(dataset: str, paths: Sequence[str]) -> None:
    """S3 takes every text as a key; a step gets the objects as files of a folder."""
    files = set(paths)
    unusable = [path for path in paths if not _is_file(path) or not files.isdisjoint(_folders(path))]
    if unusable:
        raise InvalidDataset(
            f"the dataset {dataset!r} holds objects that cannot be files of one folder: "
            f"{_some([repr(path) for path in unusable])}; delete them, or upload them under other names"
        )


def _is_file(path: str) -> bool:
    try:
        check_relative_path(path)
    except ValueError:
        return False
    return all(len(part.encode()) <= MAX_NAME_BYTES for part in path.split("/"))


def _folders(path: str) -> set[str]:
    parts = path.split("/")
    return {"/".join(parts[:depth]) for depth in range(1, len(parts))}


def version_of(objects: Iterable[ManifestObject]) -> str:
    """sha256 over (key, size, checksum) in order of key: equal data uploaded again are the same version."""
    rows = sorted((found.key, found.size, found.checksum) for found in objects)
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


def order_of(versions: Sequence[ObjectVersion]) -> str:
    """Text that sorts as listings of one prefix were made: by newest write, then by how many there are.

    S3 tells times to the second; every write or deletion adds a version, so the count decides within one.
    """
    newest = max((version.last_modified for version in versions), default=None)
    return f"{timestamp(newest) if newest else ''}#{len(versions):012d}"


def _is_data(version: ObjectVersion) -> bool:
    if not version.is_latest or version.deleted:
        return False
    return not is_folder_marker(version.key) and not is_completion(version.key)


def _object(version: ObjectVersion) -> ManifestObject:
    return ManifestObject(
        key=version.key,
        version_id=version.version_id,
        size=version.size,
        checksum=f"etag:{version.etag}",
    )


def _some(keys: Sequence[str]) -> str:
    more = len(keys) - NAMED_AT_MOST
    return ", ".join(keys[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
