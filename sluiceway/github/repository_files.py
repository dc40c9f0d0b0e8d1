"""The archive of a repository: untrusted, never extracted. Each project in it is a source tree of its own.

What lies outside of the projects' folders is not looked at: a link in somebody's documentation refuses no
project; what lies inside is checked like any archive that somebody uploads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sluiceway.errors import InvalidUpload
from sluiceway.projects.archive import ArchiveTree, list_entries
from sluiceway.projects.archive_entries import Entry, check_entries, check_overlap
from sluiceway.projects.sluice_yaml import SLUICE_YAML
from sluiceway.projects.source_tree import canonical_path, is_noise, is_source, is_writable

MAX_ARCHIVE_BYTES = 100 * 1024 * 1024
"""As much as an uploaded archive may have: it is held in a function's memory."""
MAX_ENTRIES = 50_000
"""Two seconds of `zipfile`; projects may have far fewer each."""
MAX_FOLDER_DEPTH = 8
MAX_PROJECTS = 50
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
"""Of all projects together: one that lies in another's folder counts twice. A function unpacks it in 5 s."""


class RepositoryFiles:
    """A checked archive of a repository; raises `InvalidUpload` where it could lead a reader astray."""

    def __init__(self, archive: bytes) -> None:
        if len(archive) > MAX_ARCHIVE_BYTES:
            raise InvalidUpload(
                f"the repository's archive has {len(archive)} bytes, the limit is {MAX_ARCHIVE_BYTES}: "
                "keep data out of the repository and push it as a dataset"
            )
        entries, self._directory = list_entries(archive, at_most=MAX_ENTRIES)
        check_overlap(entries, self._directory)
        self._archive = archive
        self._unpacked = 0
        self._entries = _below_top(entries)

    def folders(self) -> list[str]:
        """Each folder that holds a `sluice.yaml`, from the repository's top (`""`); sorted."""
        found = {path.rpartition("/")[0] for path in self._entries if path.rpartition("/")[2] == SLUICE_YAML}
        folders = sorted(folder for folder in found if _may_hold_a_project(folder))
        if len(folders) > MAX_PROJECTS:
            raise InvalidUpload(f"the repository holds {len(folders)} projects, the limit is {MAX_PROJECTS}")
        return folders

    def tree(self, folder: str) -> ArchiveTree:
        """The project's files, as `sluice push code` would pack them; raises `InvalidUpload`."""
        prefix = f"{folder}/" if folder else ""
        inside = [
            replace(entry, path=path.removeprefix(prefix))
            for path, entry in self._entries.items()
            if path.startswith(prefix) and path != prefix
        ]
        used = check_entries([entry for entry in inside if is_source(entry.path)], self._directory)
        self._unpacked += sum(entry.size for entry in used)
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise InvalidUpload(
                f"the repository's projects have more than {MAX_UNPACKED_BYTES} bytes together"
            )
        return ArchiveTree(self._archive, {canonical_path(e.path): e for e in used if not e.is_folder})


def _below_top(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    """By path below the folder that GitHub packs everything in (`owner-name-sha`); duplicates are refused."""
    for entry in entries:
        if entry.path.startswith("/") or ".." in entry.path.split("/"):
            raise InvalidUpload(f"{entry.path!r} leaves the archive: it is not one of git's")
    tops = {entry.path.partition("/")[0] for entry in entries}
    top = f"{tops.pop()}/" if len(tops) == 1 else ""
    found = {entry.path.removeprefix(top): entry for entry in entries if entry.path != top}
    if len(found) + sum(entry.path == top for entry in entries) != len(entries):
        raise InvalidUpload("the repository's archive holds a name twice: it is not one of git's")
    return found


def _may_hold_a_project(folder: str) -> bool:
    """Whether a folder's name can be told, and is not one that tools leave behind."""
    depth = len(folder.split("/"))
    return depth <= MAX_FOLDER_DEPTH and "\\" not in folder and is_writable(folder) and not is_noise(folder)
