"""Makes a dataset version out of what S3 lists. Pure: nothing is opened, nothing is copied."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sluiceway.datasets.contracts import Manifest, ManifestObject, ObjectVersion
from sluiceway.errors import InvalidDataset
from sluiceway.names import check_relative_path
from sluiceway.triggers.uploads import MANIFEST, is_marker

MAX_NAME_BYTES = 255
"""The longest file name of Linux's file systems."""
NAMED_AT_MOST = 5
"""Keys that an error lists before it only counts."""


@dataclass(frozen=True)
class Content:
    """What is known of an object's bytes."""

    checksum: str
    """As in a dataset version's manifest."""
    sha256: str | None = None


@dataclass(frozen=True)
class Changes:
    """Keys in which two versions of a dataset differ."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def data_objects(versions: Iterable[ObjectVersion]) -> list[ObjectVersion]:
    """What of a listing is data: the latest versions that are neither deleted nor markers, by key."""
    found = [each for each in versions if each.is_latest and not each.deleted and not is_marker(each.key)]
    return sorted(found, key=lambda each: each.key)


def upload_manifest_of(dataset: str, versions: Iterable[ObjectVersion]) -> ObjectVersion | None:
    """The object that states what the dataset must hold, where there is one."""
    key = f"data/{dataset}/{MANIFEST}"
    return next((each for each in versions if each.key == key and each.is_latest and not each.deleted), None)


def make_manifest(
    dataset: str,
    *,
    bucket: str,
    versions: Iterable[ObjectVersion],
    content: Mapping[tuple[str, str], Content] | None = None,
) -> Manifest:
    """The latest objects that are data; raises `InvalidDataset` where there are none, or one is empty.

    What `content` does not know of a key and version is known by its ETag.
    """
    found = data_objects(versions)
    check_objects(dataset, found)
    objects = tuple(_object(each, (content or {}).get((each.key, each.version_id))) for each in found)
    return Manifest(dataset=dataset, version=version_of(objects), bucket=bucket, objects=objects)


def check_objects(dataset: str, found: Sequence[ObjectVersion]) -> None:
    """Whether a step could work with the objects; raises `InvalidDataset`."""
    if not found:
        raise InvalidDataset(f"the dataset {dataset!r} has no objects: upload files under data/{dataset}/")
    _check_paths(dataset, [each.key.removeprefix(f"data/{dataset}/") for each in found])
    empty = [repr(each.key) for each in found if each.size == 0]
    if empty:
        raise InvalidDataset(
            f"the dataset {dataset!r} holds empty objects: {some(empty)}; upload them again or delete them"
        )


def _check_paths(dataset: str, paths: Sequence[str]) -> None:
    """S3 takes every text as a key; a step gets the objects as files of a folder."""
    files = set(paths)
    unusable = [path for path in paths if not _is_file(path) or not files.isdisjoint(_folders(path))]
    if unusable:
        raise InvalidDataset(
            f"the dataset {dataset!r} holds objects that cannot be files of one folder: "
            f"{some([repr(path) for path in unusable])}; delete them, or upload them under other names"
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


def state_of(dataset: str, versions: Iterable[ObjectVersion]) -> str:
    """Id of what lies there: equal for two listings between which nothing was written or deleted."""
    rows = sorted((each.key, each.version_id) for each in versions if each.is_latest and not each.deleted)
    text = json.dumps([dataset, rows], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def changes(before: Manifest | None, now: Manifest) -> Changes:
    """Which keys were added, changed and removed; without a version before, all were added."""
    old = {each.key: each.checksum for each in before.objects} if before else {}
    new = {each.key: each.checksum for each in now.objects}
    return Changes(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(key for key in new.keys() & old.keys() if new[key] != old[key])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


def _object(version: ObjectVersion, content: Content | None) -> ManifestObject:
    return ManifestObject(
        key=version.key,
        version_id=version.version_id,
        size=version.size,
        checksum=content.checksum if content else f"etag:{version.etag}",
        sha256=content.sha256 if content else None,
    )


def some(names: Sequence[str], *, at_most: int = NAMED_AT_MOST) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {more} more" if more > 0 else "")
