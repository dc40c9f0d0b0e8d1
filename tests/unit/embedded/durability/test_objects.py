"""Objects are whole after a kill between the writes of their two files."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedded.durability import objects
from embedded.durability.store import StateNotSaved
from embedded.durability.touched import remembered


class FakeS3:
    """What is used of MiniStack's S3; can be killed after any number of writes."""

    def __init__(self, folder: Path, *, writes: int = 99) -> None:
        self.DATA_DIR, self._writes = str(folder), writes
        self._persist_object = lambda *_: None

    def _object_disk_path(self, bucket: str, key: str) -> str:
        return f"{self.DATA_DIR}/1/{bucket}/{key}"

    def _object_meta_from_record(self, obj: Any) -> dict[str, Any]:
        return {"etag": obj["etag"]}

    def _key_history_meta(self, *_: Any) -> dict[str, Any]:
        return {}

    def _other_key_disk_path(self, *_: Any) -> None:
        return None

    def _remove_key_files(self, path: None) -> None:
        assert path is None

    def get_account_id(self) -> str:
        return "1"

    def _atomic_write(self, path: str, data: Any, *, text: bool = False) -> None:
        if self._writes == 0:
            raise KeyboardInterrupt("killed")
        self._writes -= 1
        Path(path).write_bytes(data.encode() if text else data)


def _saved() -> None:
    return None


def _put(folder: Path, text: str, *, writes: int = 99, save: Callable[[], None] = _saved) -> dict[str, Any]:
    s3 = FakeS3(folder, writes=writes)
    obj = {"body": text.encode(), "etag": hashlib.md5(text.encode()).hexdigest()}
    objects._persist(s3, save)("b", "k", obj)
    return obj


def _found(folder: Path) -> tuple[str, str]:
    path = folder / "1" / "b" / "k"
    return path.read_text(), json.loads(Path(f"{path}.meta.json").read_text())["etag"]


@pytest.mark.parametrize(("writes", "expected"), [(0, "old"), (1, "old"), (2, "new"), (3, "new")])
def test_bytes_and_description_belong_together(tmp_path: Path, writes: int, expected: str) -> None:
    """Whichever write the kill came after."""
    _put(tmp_path, "old")
    if writes < 3:
        with pytest.raises(KeyboardInterrupt):
            _put(tmp_path, "new", writes=writes)
    else:
        _put(tmp_path, "new")
    objects.recover(tmp_path)
    assert _found(tmp_path) == (expected, hashlib.md5(expected.encode()).hexdigest())
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_new_object_has_no_bytes_without_a_description(tmp_path: Path) -> None:
    """MiniStack would take them for an object without a version."""
    with pytest.raises(KeyboardInterrupt):
        _put(tmp_path, "new", writes=1)
    objects.recover(tmp_path)
    assert not (tmp_path / "1" / "b" / "k").exists()


def test_a_failed_write_is_told_to_its_request(tmp_path: Path) -> None:
    """And the bytes stay in memory, from where they are served."""
    (tmp_path / "1").write_text("in the way")
    with remembered() as request:
        obj = _put(tmp_path, "new")
    assert isinstance(request.failure, OSError)
    assert obj["body"] == b"new"


def test_a_half_written_intention_is_dropped(tmp_path: Path) -> None:
    """It was cut short before the bytes were exchanged."""
    _put(tmp_path, "old")
    Path(f"{tmp_path}/1/b/k.intended.tmp").write_text('{"sha2')
    objects.recover(tmp_path)
    assert _found(tmp_path)[0] == "old"
    assert not list(tmp_path.rglob("*.tmp"))


def test_an_objects_notifications_are_saved_before_it_is_written(tmp_path: Path) -> None:
    """Else a kill in between leaves an object that nobody hears of."""
    seen: list[bool] = []
    _put(tmp_path, "new", save=lambda: seen.append((tmp_path / "1" / "b" / "k").exists()))
    assert seen == [False]


def test_an_object_whose_notifications_cannot_be_saved_is_refused(tmp_path: Path) -> None:
    """The disk is full."""

    def save() -> None:
        raise StateNotSaved("full")

    with remembered() as request:
        _put(tmp_path, "new", save=save)
    assert isinstance(request.failure, StateNotSaved)
    assert not (tmp_path / "1").exists()
