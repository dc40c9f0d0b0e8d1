"""The platform's part of every environment image: its code, Dockerfile and locked requirements."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import sluiceway
from sluiceway.errors import PermanentError

ROOT = Path(sluiceway.__file__).parent.parent
"""The repository, or a function's folder: both hold the same files."""
DOCKERFILE = "containers/environment/Dockerfile"
_FOLDERS = ("containers", "sluiceway")
_FILES = ("requirements/container.txt",)
_LEFT_OUT = ("/__pycache__/", "sluiceway/cli/", ".md", ".pyc")
"""What no container needs, and what differs between a repository and a function's archive."""


@cache
def platform_files(root: Path = ROOT) -> Mapping[str, bytes]:
    """Name → bytes of every file, in order of name."""
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in _paths(root)}
    if DOCKERFILE not in files:
        raise PermanentError(
            f"{root / DOCKERFILE} is missing: deploy the functions with the containers/ folder"
        )
    return dict(sorted(files.items()))


def _paths(root: Path) -> Iterator[Path]:
    below = (path for folder in _FOLDERS for path in (root / folder).rglob("*"))
    for path in (*below, *(root / name for name in _FILES)):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not any(part in name for part in _LEFT_OUT):
            yield path
