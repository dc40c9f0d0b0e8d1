"""The state folder: one start at a time, and clear words where it cannot be used."""

import subprocess
import sys
from pathlib import Path

import pytest

from embedded import state as module
from embedded.state import LifecycleError, State

HOLDER = """
import sys, time
from pathlib import Path
from embedded.state import State
with State(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def _holder(folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_that_a_killed_process_left_locks_nobody_out(tmp_path: Path) -> None:
    """The file stays, the lock does not."""
    holder = _holder(tmp_path)
    holder.kill()
    holder.wait()
    assert (tmp_path / "lock").exists()
    with State(tmp_path).lock():
        pass


def test_who_waits_too_long_is_told_for_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another start or stop, and its file."""
    monkeypatch.setattr(module, "_LOCK_SECONDS", 0.1)
    holder = _holder(tmp_path)
    try:
        with (
            pytest.raises(LifecycleError, match=r"another start or stop has held .*lock"),
            State(tmp_path).lock(),
        ):
            pass
    finally:
        holder.kill()
        holder.wait()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the variable that chooses another."""
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "state"
    with (
        pytest.raises(LifecycleError, match=rf"{folder} cannot be written .*SLUICEWAY_STATE"),
        State(folder).lock(),
    ):
        pass
    with pytest.raises(LifecycleError, match="cannot be written"):
        State(folder).prepare()


@pytest.mark.parametrize("name", ["ports.json", "made-by.json"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    """With what to do about it."""
    State(tmp_path).prepare()
    (tmp_path / name).write_text('{"cloud": 20')
    with pytest.raises(LifecycleError, match=rf"{name} is damaged .*sluice local restore"):
        State(tmp_path).prepare()


def test_the_state_of_another_version_is_refused(tmp_path: Path) -> None:
    """Its files would be read wrongly."""
    State(tmp_path).prepare()
    (tmp_path / "made-by.json").write_text('{"format": 1, "ministack": "1.0"}')
    with pytest.raises(LifecycleError, match="holds the state of another version"):
        State(tmp_path).prepare()


def test_two_folders_get_ports_of_their_own(tmp_path: Path) -> None:
    """Two clones on one machine; a folder keeps its ports."""
    one, two = State(tmp_path / "one"), State(tmp_path / "two")
    ports = [*vars(one.prepare()).values(), *vars(two.prepare()).values()]
    assert len(set(ports)) == 4
    assert one.prepare() == one.ports()
