"""A project's folder as a source tree, and packed for a push."""

from collections.abc import Sequence
from pathlib import Path

from sluiceway.errors import InvalidProject
from sluiceway.projects.code_version import canonical_archive
from sluiceway.projects.source_tree import canonical_path, is_source, is_writable


class FolderTree:
    """The files of a folder that belong to the project's code. Symbolic links are refused: they lead away."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InvalidProject(f"{folder} is not a folder: name the folder that holds MLproject")
        self._files: dict[str, Path] = {}
        for path, file in _walk(folder, ""):
            other = self._files.setdefault(canonical_path(path), file)
            if other is not file:
                raise InvalidProject(f"{str(file)!r} and {str(other)!r} are the same name: rename one")

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted."""
        return sorted(self._files)

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        return self._files[path].read_bytes()


def pack(folder: Path) -> bytes:
    """The folder as an archive, ready to be pushed. Equal files give equal bytes."""
    return canonical_archive(FolderTree(folder))


def _walk(folder: Path, prefix: str) -> list[tuple[str, Path]]:
    """Depth first; ignored folders are not even opened."""
    found: list[tuple[str, Path]] = []
    for entry in sorted(folder.iterdir()):
        path = prefix + entry.name
        if not is_source(path):
            continue
        if not is_writable(path):
            raise InvalidProject(
                f"{str(entry)!r} is not a name in UTF-8 without control characters: rename it"
            )
        if entry.is_symlink():
            raise InvalidProject(f"{entry} is a symbolic link: replace it by the file or folder itself")
        if entry.is_dir():
            found += _walk(entry, f"{path}/")
        elif entry.is_file():
            found.append((path, entry))
    return found
