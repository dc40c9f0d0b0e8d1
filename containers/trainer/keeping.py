"""Keep what a step left in its output folder: each file uploaded, with its sha256."""

import hashlib
from concurrent.futures import Executor
from pathlib import Path

from sluiceway.errors import StepFailed
from sluiceway.gateways.objects import Objects
from sluiceway.training.contracts import OutputFile


def keep_outputs(
    folder: Path, bucket: str, prefix: str, *, objects: Objects, pool: Executor
) -> tuple[OutputFile, ...]:
    """Upload every file in parallel, in order of path."""

    def keep(path: Path) -> OutputFile:
        relative = path.relative_to(folder).as_posix()
        kept = OutputFile(path=relative, size=path.stat().st_size, sha256=sha256_of(path))
        objects.upload(path, bucket, f"{prefix}/{relative}")
        return kept

    return tuple(pool.map(keep, _files(folder)))


def sha256_of(path: Path) -> str:
    """Hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir())
    for path in paths:
        if not path.is_file() or not path.resolve().is_relative_to(folder):
            raise StepFailed(f"output {path.relative_to(folder)} is not a file in the output folder")
    return paths
