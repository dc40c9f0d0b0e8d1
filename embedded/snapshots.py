"""Named copies of a cloud's whole state folder, for tests and for going back.

While the copy is made, every process of a running cloud is stopped (SIGSTOP), so the copy is what a kill at
that moment would have left, across all services: and that loses nothing that was accepted
(`embedded/durability`). Files that are replaced whole and never changed are linked, not copied.
"""

import contextlib
import json
import os
import shutil
import signal
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from embedded import lifecycle
from embedded.processes import Record, is_stopped, wait_until
from embedded.state import LifecycleError, State, default_folder
from sluiceway.names import check_name

_FOLDER = "snapshots"
_ABOUT = "snapshot.json"
_STILL_SECONDS = 5.0
# What belongs to the processes that run, or to people; and the copies themselves.
_LEFT_OUT = frozenset({"processes", "tmp", "logs", "lock", _FOLDER, _ABOUT})
_LINKED = ("s3", "ministack/blobs", "lambda", "images")


@dataclass(frozen=True)
class Snapshot:
    """A copy that was kept."""

    name: str
    taken: float
    """Seconds since 1970."""
    origin: str
    """The folder that it is of: what is in it names paths and ports, so it cannot live in another one."""


def take(name: str, state_dir: Path | None = None, *, out: Path | None = None) -> Snapshot:
    """Copy the state, running or not, under a name that is free; with `out` also into one file (tar.gz)."""
    check_name(name, what="snapshot name")
    state = _existing(state_dir)
    snapshot = Snapshot(name, time.time(), str(state.folder))
    with state.lock():
        target = _folder(state, name)
        if target.exists():
            raise LifecycleError(f"there is a snapshot {name!r} already: delete it, or choose another name")
        with _new_folder(target) as temporary, _standing_still(state):
            _copy(state.folder, temporary)
            (temporary / _ABOUT).write_text(json.dumps(asdict(snapshot)))
        if out is not None:
            _pack(target, out)
    return snapshot


def restore(name: str, state_dir: Path | None = None) -> None:
    """Put a snapshot, by its name or its file, in place of the state; a cloud that ran runs again."""
    state = State((state_dir or default_folder()).resolve())
    with _unpacked(name) if Path(name).is_file() else contextlib.nullcontext(_folder(state, name)) as source:
        snapshot = _about(source, name)
        if snapshot.origin != str(state.folder):
            raise LifecycleError(
                f"snapshot {name!r} is of {snapshot.origin} and names its paths; it cannot be restored into "
                f"{state.folder}. Set SLUICEWAY_STATE to the folder that it is of"
            )
        ran = state.server() is not None
        lifecycle.down(state.folder)
        with state.lock():
            _replace(state, source)
    if ran:
        lifecycle.up(state.folder)


def snapshots(state_dir: Path | None = None) -> list[Snapshot]:
    """All that were kept, oldest first."""
    folder = State((state_dir or default_folder()).resolve()).folder / _FOLDER
    found = (_about(path, path.name) for path in folder.glob("*") if (path / _ABOUT).exists())
    return sorted(found, key=lambda each: each.taken)


def delete(name: str, state_dir: Path | None = None) -> None:
    """Remove a snapshot."""
    state = _existing(state_dir)
    folder = _folder(state, name)
    _about(folder, name)
    shutil.rmtree(folder)


def _existing(state_dir: Path | None) -> State:
    state = State((state_dir or default_folder()).resolve())
    if state.ports() is None:
        raise LifecycleError(f"no embedded cloud was ever started in {state.folder}: run `sluice local up`")
    return state


def _folder(state: State, name: str) -> Path:
    return state.folder / _FOLDER / check_name(name, what="snapshot name")


def _about(folder: Path, name: str) -> Snapshot:
    try:
        return Snapshot(**json.loads((folder / _ABOUT).read_text()))
    except FileNotFoundError as error:
        raise LifecycleError(f"there is no snapshot {name!r}: see `sluice local snapshots`") from error


@contextlib.contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder that appears under its name when it is complete, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    temporary.rename(target)


@contextlib.contextmanager
def _standing_still(state: State) -> Iterator[None]:
    """Stop every process of the cloud for a moment: the server first, so that it starts no more."""
    server = state.server()
    running = ([server] if server else []) + [each for each in state.running() if each != server]
    try:
        for record in running:
            record.signal_group(signal.SIGSTOP)
        if not wait_until(lambda: all(map(_is_still, running)), seconds=_STILL_SECONDS):
            raise LifecycleError(f"the processes of {state.folder} did not stop for a copy; try again")
        yield
    finally:
        for record in reversed(running):
            record.signal_group(signal.SIGCONT)


def _is_still(record: Record) -> bool:
    return not record.is_running or is_stopped(record.pid)


def _copy(source: Path, target: Path) -> None:
    for path in source.iterdir():
        if path.name not in _LEFT_OUT:
            _copy_entry(path, target / path.name, root=source)


def _copy_entry(path: Path, target: Path, *, root: Path) -> None:
    if path.is_symlink():
        target.symlink_to(path.readlink())
    elif path.is_dir():
        target.mkdir()
        for each in path.iterdir():
            _copy_entry(each, target / each.name, root=root)
        shutil.copystat(path, target)
    elif path.is_file():
        _copy_file(path, target, may_link=path.relative_to(root).as_posix().startswith(_LINKED))


def _copy_file(path: Path, target: Path, *, may_link: bool) -> None:
    with contextlib.suppress(OSError):  # On another disk, or one that knows no links.
        if may_link:
            os.link(path, target)
            return
    shutil.copy2(path, target)


def _replace(state: State, source: Path) -> None:
    """Exchange the folder's content; what is no part of a snapshot stays."""
    new = state.folder / ".restored.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    _copy(source, new)
    for path in list(state.folder.iterdir()):
        if path.name not in _LEFT_OUT and path != new:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in list(new.iterdir()):
        path.rename(state.folder / path.name)
    new.rmdir()


def _pack(folder: Path, out: Path) -> None:
    with tarfile.open(out, "w:gz", compresslevel=1) as archive:
        archive.add(folder, arcname=".")


@contextlib.contextmanager
def _unpacked(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(name) as archive:
            archive.extractall(folder, filter="tar")
        yield Path(folder)
