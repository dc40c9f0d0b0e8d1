"""A version's files come whole, checked, and only where they belong; what is there is not fetched again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluiceway.datasets.contracts import Manifest
from sluiceway.datasets.manifest import make_manifest
from sluiceway.datasets.pull_version import PARTS, extra_files, pull_version
from sluiceway.errors import InvalidDataset, ServiceUnavailable
from tests.fakes.objects import MemoryObjects

FILES = {"a.csv": b"rows" * 100, "sub/b.csv": b"more", "100%41 é.csv": b"x"}


@pytest.fixture
def objects() -> MemoryObjects:
    """A dataset, some of it put in parts."""
    objects = MemoryObjects()
    for path, body in FILES.items():
        objects.put("uploads", f"data/flights/{path}", body)
    return objects


def manifest(objects: MemoryObjects) -> Manifest:
    """What lies there now."""
    versions = objects.list_versions("uploads", "data/flights/")
    return make_manifest("flights", bucket="uploads", versions=versions)


def there(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_pinned_versions_come_whatever_lies_there_now(objects: MemoryObjects, tmp_path: Path) -> None:
    """Overwritten and deleted since; and nothing but the files is left in the folder."""
    version = manifest(objects)
    objects.put("uploads", "data/flights/a.csv", b"other")
    objects.delete("uploads", "data/flights/sub/b.csv")
    assert all(each.fetched for each in pull_version(version, tmp_path / "f", objects))
    assert there(tmp_path / "f") == FILES


def test_what_is_there_is_not_fetched_again(objects: MemoryObjects, tmp_path: Path) -> None:
    """Unless it is not what the manifest says; other files stay."""
    version = manifest(objects)
    list(pull_version(version, tmp_path, objects))
    (tmp_path / "a.csv").write_bytes(b"ROWS" * 100)
    (tmp_path / "mine.txt").write_bytes(b"")
    again = {each.path: each.fetched for each in pull_version(version, tmp_path, objects)}
    assert again == {"a.csv": True, "sub/b.csv": False, "100%41 é.csv": False}
    assert there(tmp_path) == {**FILES, "mine.txt": b""}
    assert extra_files(version, tmp_path) == ["mine.txt"]


class Breaking:
    """A connection that breaks in the middle of each object."""

    def __init__(self, real: MemoryObjects, times: int) -> None:
        self._real, self._times, self.starts = real, times, [0]

    def stream(self, bucket: str, key: str, *, version_id: str, start: int = 0) -> Iterator[bytes]:
        self.starts.append(start)
        (body,) = self._real.stream(bucket, key, version_id=version_id, start=start)
        if self._times:
            self._times -= 1
            yield body[: len(body) // 2]
            raise ServiceUnavailable("the connection broke")
        yield body


def test_a_broken_connection_is_gone_on_with(objects: MemoryObjects, tmp_path: Path) -> None:
    """From where it broke; and by the next pull, where one gave up. Half a file is never seen."""
    version = manifest(objects)
    gateway: Any = Breaking(objects, 1000)
    with pytest.raises(ServiceUnavailable):
        list(pull_version(version, tmp_path, gateway))
    assert set(there(tmp_path)) == {name for name in there(tmp_path) if name.startswith(PARTS)}
    gateway._times = 0
    list(pull_version(version, tmp_path, gateway))
    assert there(tmp_path) == FILES
    assert max(gateway.starts) > 200


def test_a_part_of_something_else_is_thrown_away(objects: MemoryObjects, tmp_path: Path) -> None:
    """Found out by its checksum; then it is fetched from the beginning."""
    version = manifest(objects)
    gateway: Any = Breaking(objects, 1000)
    with pytest.raises(ServiceUnavailable):
        list(pull_version(version, tmp_path, gateway))
    for part in (tmp_path / PARTS).iterdir():
        part.write_bytes(b"?" * part.stat().st_size)
    list(pull_version(version, tmp_path, objects))
    assert there(tmp_path) == FILES


def test_bytes_that_changed_are_refused(objects: MemoryObjects, tmp_path: Path) -> None:
    """Whatever changed them: no file appears."""
    version = manifest(objects)
    key = next(key for key in objects.bodies if key[1].endswith("a.csv"))
    objects.bodies[key] = b"ROWS" * 100
    with pytest.raises(InvalidDataset, match=r"has etag .* its manifest says"):
        list(pull_version(version, tmp_path, objects))
    assert not (tmp_path / "a.csv").exists()


def test_what_was_deleted_for_good_is_said(objects: MemoryObjects, tmp_path: Path) -> None:
    """By the name of the file, and what to do."""
    version = manifest(objects)
    objects.forget("uploads", "data/flights/sub/b.csv")
    with pytest.raises(
        InvalidDataset, match=r"deleted 'data/flights/sub/b.csv' .* for good; upload the data"
    ):
        list(pull_version(version, tmp_path, objects))


@pytest.mark.parametrize("path", ["../up", "/etc/x", "a//b", "a/../../b", f"{PARTS}/x", "a\\..\\b", "a\0b"])
def test_paths_out_of_the_folder_are_refused(objects: MemoryObjects, tmp_path: Path, path: str) -> None:
    """Before anything is written: a manifest is data from elsewhere."""
    version = manifest(objects)
    item = version.objects[0].model_copy(update={"key": f"data/flights/{path}"})
    bad = version.model_copy(update={"objects": (*version.objects, item)})
    with pytest.raises(InvalidDataset):
        list(pull_version(bad, tmp_path / "f", objects))
    assert there(tmp_path) == {}


def test_links_out_of_the_folder_are_not_followed(objects: MemoryObjects, tmp_path: Path) -> None:
    """Neither a folder's nor a file's: a link in the place of a file is replaced."""
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "sub").symlink_to(outside)
    with pytest.raises(InvalidDataset, match="written outside"):
        list(pull_version(manifest(objects), folder, objects))
    (folder / "sub").unlink()
    (folder / "a.csv").symlink_to(outside / "a.csv")
    list(pull_version(manifest(objects), folder, objects))
    assert there(folder) == FILES
    assert there(outside) == {}


def test_links_among_the_parts_are_not_written_through(objects: MemoryObjects, tmp_path: Path) -> None:
    """Who left one in the folder knows what a part will be called."""
    version, folder, precious = manifest(objects), tmp_path / "folder", tmp_path / "precious"
    precious.write_text("mine")
    gateway: Any = Breaking(objects, 1000)
    with pytest.raises(ServiceUnavailable):
        list(pull_version(version, folder, gateway))
    for part in list((folder / PARTS).iterdir()):
        part.unlink()
        part.symlink_to(precious)
    list(pull_version(version, folder, objects))
    assert (there(folder), precious.read_text()) == (FILES, "mine")
    (folder / PARTS).symlink_to(tmp_path)
    with pytest.raises(InvalidDataset, match="is a link"):
        list(pull_version(version, folder, objects))
