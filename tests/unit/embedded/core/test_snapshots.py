"""Copies of the whole state: whole or not there, shared where nothing changes, brought back in one piece."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import snapshots
from embedded.processes import Processes, is_stopped
from embedded.state import LifecycleError, State


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The state of a cloud that was started and stopped."""
    folder = tmp_path / "state"
    State(folder).prepare()
    for name, text in (("s3/1/b/k", "object"), ("ministack/state.db", "rows"), ("logs/cloud.log", "said")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_snapshot_brings_back_what_was_there(folder: Path) -> None:
    """What was changed, removed or added since; ports too. Logs and other snapshots stay."""
    ports = State(folder).ports()
    snapshots.take("before", folder)
    (folder / "ministack" / "state.db").write_text("changed")
    (folder / "s3" / "1" / "b" / "k").unlink()
    (folder / "added").mkdir()
    (folder / "ports.json").unlink()
    snapshots.restore("before", folder)
    assert (folder / "ministack" / "state.db").read_text() == "rows"
    assert (folder / "s3" / "1" / "b" / "k").read_text() == "object"
    assert not (folder / "added").exists()
    assert State(folder).ports() == ports
    assert (folder / "logs" / "cloud.log").exists()
    assert [each.name for each in snapshots.snapshots(folder)] == ["before"]


def test_objects_are_shared_and_rows_are_copied(folder: Path) -> None:
    """An object's file is replaced, never changed; a database is changed in place."""
    snapshots.take("one", folder)
    kept = folder / "snapshots" / "one"
    assert (kept / "s3" / "1" / "b" / "k").samefile(folder / "s3" / "1" / "b" / "k")
    assert not (kept / "ministack" / "state.db").samefile(folder / "ministack" / "state.db")


def test_a_file_brings_it_back_as_well(folder: Path, tmp_path: Path) -> None:
    """What `--out` wrote, after the snapshot itself was deleted."""
    snapshots.take("one", folder, out=tmp_path / "one.tar.gz")
    snapshots.delete("one", folder)
    (folder / "ministack" / "state.db").write_text("changed")
    snapshots.restore(str(tmp_path / "one.tar.gz"), folder)
    assert (folder / "ministack" / "state.db").read_text() == "rows"
    assert snapshots.snapshots(folder) == []


def test_a_copy_that_breaks_off_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the disk is full; the name stays free."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots.shutil, "copy2", fail)
    with pytest.raises(OSError, match="No space left"):
        snapshots.take("one", folder)
    assert snapshots.snapshots(folder) == []
    assert not list((folder / "snapshots").iterdir())


def test_what_cannot_be_done_is_said(folder: Path, tmp_path: Path) -> None:
    """A name that is taken, one that is unknown, and a folder whose paths are others."""
    snapshots.take("one", folder, out=tmp_path / "one.tar.gz")
    with pytest.raises(LifecycleError, match="there is a snapshot 'one' already"):
        snapshots.take("one", folder)
    with pytest.raises(LifecycleError, match="there is no snapshot 'two'"):
        snapshots.restore("two", folder)
    with pytest.raises(LifecycleError, match="cannot be restored into"):
        snapshots.restore(str(tmp_path / "one.tar.gz"), tmp_path / "other")
    with pytest.raises(LifecycleError, match="no embedded cloud was ever started"):
        snapshots.take("one", tmp_path / "other")


def test_everything_stands_still_while_it_is_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And goes on after it."""
    processes = Processes(folder / "processes" / "1")
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = processes.spawn(command, env={}, cwd=folder, stdout=subprocess.DEVNULL)
    seen: list[bool] = []
    copy = snapshots._copy
    monkeypatch.setattr(snapshots, "_copy", lambda *to: (seen.append(is_stopped(process.pid)), copy(*to)))
    try:
        snapshots.take("one", folder)
        assert seen == [True]
        assert not is_stopped(process.pid)
        assert json.loads((folder / "snapshots" / "one" / "snapshot.json").read_text())["name"] == "one"
    finally:
        processes.end_all()
