"""A project's files, wherever they lie: in a folder, or in an archive that somebody sent."""

import unicodedata
from collections.abc import Sequence
from typing import Protocol

IGNORED_EVERYWHERE = frozenset(
    {".git", "__pycache__", ".venv", "mlruns", ".ipynb_checkpoints", "__MACOSX", ".DS_Store"}
)
"""Names of files and folders that are never part of a project's code, at any depth."""

IGNORED_AT_THE_TOP = frozenset({"build"})
"""Names that are left out only directly in the project's folder."""

IGNORED_SUFFIXES = (".pyc", ".pyo")

APPLE_DOUBLE = "._"
"""macOS keeps what other file systems cannot in a file of that name beside the file."""


class SourceTree(Protocol):
    """Files by relative POSIX path."""

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted."""

    def read(self, path: str) -> bytes:
        """The file's bytes."""


def is_source(path: str) -> bool:
    """Whether a file belongs to the project's code, whoever packs it."""
    return not is_noise(path) and path.partition("/")[0] not in IGNORED_AT_THE_TOP


def is_noise(path: str) -> bool:
    """Whether tools left the file behind, wherever the project's folder begins."""
    parts = path.split("/")
    if parts[-1].startswith(APPLE_DOUBLE) or path.endswith(IGNORED_SUFFIXES):
        return True
    return bool(IGNORED_EVERYWHERE.intersection(parts))


def is_writable(path: str) -> bool:
    """Whether a path can be told in one line of UTF-8: no control characters, no halves of characters."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in path)


def canonical_path(path: str) -> str:
    """The path in Unicode's composed form: macOS hands out the decomposed one."""
    return unicodedata.normalize("NFC", path)
