"""Fetches the files of a dataset version into a folder: what is there already is not fetched again.

A file appears under its name when it is whole and its checksum is right, never before. What was fetched of
one waits under `.sluice-parts/`, by its S3 version, and is gone on with the next time.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from sluiceway.datasets.content import is_of_parts
from sluiceway.datasets.contracts import Manifest, ManifestObject
from sluiceway.datasets.verify import difference, gone
from sluiceway.errors import InvalidDataset, NotFound, TransientError
from sluiceway.gateways.objects import Objects
from sluiceway.names import check_relative_path

PARTS = ".sluice-parts"
"""Folder for what is not whole yet."""
PARALLEL = 8
ATTEMPTS = 5
"""Of one file: a connection that breaks is gone on with."""


@dataclass(frozen=True)
class Pulled:
    """What became of one file."""

    path: str
    size: int
    fetched: bool
    """False: it was there, with the right bytes."""


def pull_version(manifest: Manifest, folder: Path, objects: Objects) -> Iterator[Pulled]:
    """Fetch in parallel, each file told when it is there; raises `InvalidDataset` before anything is written
    where a path is not one inside the folder, and for what S3 no longer has or has changed."""
    places = {item: _place(manifest, item, folder) for item in manifest.objects}
    _prepare(folder / PARTS)
    with ThreadPoolExecutor(PARALLEL) as pool:
        work = [pool.submit(_pull, manifest, item, path, objects) for item, path in places.items()]
        try:
            for done in as_completed(work):
                yield done.result()
        finally:
            for each in work:
                each.cancel()
    _remove_if_empty(folder / PARTS)


def extra_files(manifest: Manifest, folder: Path) -> list[str]:
    """Files of the folder that the version does not know; they are left alone."""
    known = {_relative(manifest, item) for item in manifest.objects}
    found = (path for path in folder.rglob("*") if path.is_file() and PARTS not in path.parts)
    return sorted(
        path for path in (each.relative_to(folder).as_posix() for each in found) if path not in known
    )


def _prepare(parts: Path) -> None:
    """The folder for parts, itself no link and without any: a link would be written through."""
    if parts.is_symlink():
        raise InvalidDataset(f"{parts} is a link: delete it, parts would be written to where it leads")
    parts.mkdir(parents=True, exist_ok=True)
    for part in parts.iterdir():
        if part.is_symlink():
            part.unlink()


def _relative(manifest: Manifest, item: ManifestObject) -> str:
    return item.key.removeprefix(f"data/{manifest.dataset}/")


def _place(manifest: Manifest, item: ManifestObject, folder: Path) -> Path:
    """Where a file goes: below the folder, and through no link that leads out of it."""
    relative = _relative(manifest, item)
    try:
        path = folder / check_relative_path(relative)
    except ValueError as error:
        raise InvalidDataset(f"the dataset {manifest.dataset!r}: {error}: rename the object") from error
    parents = [parent for parent in path.parents if parent != folder and folder in parent.parents]
    if relative.split("/")[0] == PARTS or any(parent.is_symlink() for parent in parents):
        raise InvalidDataset(
            f"{relative!r} would be written outside {folder}, or among what is not whole yet"
        )
    if path.is_dir() or any(parent.is_file() for parent in parents):
        raise InvalidDataset(
            f"{relative!r}: there is a folder where a file belongs, or a file where a folder does"
        )
    return path


def _pull(manifest: Manifest, item: ManifestObject, path: Path, objects: Objects) -> Pulled:
    relative = _relative(manifest, item)
    if _is_there(item, path):
        return Pulled(relative, item.size, fetched=False)
    part = _part(manifest, item, path)
    _fetch(manifest, item, part, objects)
    if (problem := difference(item, part)) is not None:
        part.unlink()  # A part of another time: once more from the beginning.
        _fetch(manifest, item, part, objects)
        problem = difference(item, part)
    if problem is not None:
        part.unlink()
        raise InvalidDataset(f"{item.key!r} (S3 version {item.version_id}) {problem}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.replace(path)
    return Pulled(relative, item.size, fetched=True)


def _is_there(item: ManifestObject, path: Path) -> bool:
    """What has no checksum is never known to be right."""
    if path.is_symlink() or not path.is_file() or is_of_parts(item.checksum):
        return False
    return difference(item, path) is None


def _part(manifest: Manifest, item: ManifestObject, path: Path) -> Path:
    name = hashlib.sha256(f"{item.key}/{item.version_id}".encode()).hexdigest()[:32]
    folder = path.parents[_relative(manifest, item).count("/")]
    return folder / PARTS / name


def _fetch(manifest: Manifest, item: ManifestObject, part: Path, objects: Objects) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _go_on(manifest, item, part, objects)
        except NotFound as error:
            raise InvalidDataset(f"{gone(manifest, item)} ({error})") from error
        except TransientError:
            if attempt == ATTEMPTS:
                raise
        else:
            return


def _go_on(manifest: Manifest, item: ManifestObject, part: Path, objects: Objects) -> None:
    start = part.stat().st_size if part.exists() else 0
    if start >= item.size:
        return
    with part.open("ab") as file:
        for piece in objects.stream(manifest.bucket, item.key, version_id=item.version_id, start=start):
            file.write(piece)


def _remove_if_empty(folder: Path) -> None:
    """Parts of another version may lie there: they are what makes its pull go on."""
    if not any(folder.iterdir()):
        folder.rmdir()
