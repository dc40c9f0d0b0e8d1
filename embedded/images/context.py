"""The build context: which files a COPY takes, and where each of them goes."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from embedded.images.dockerfile import DockerfileError
from embedded.images.plan import Copy


def copied_files(context: Path, step: Copy) -> list[tuple[Path, str]]:
    """Pairs of a file and its absolute path in the image, sorted by the latter."""
    pairs = [pair for source in step.sources for pair in _files_of(context, step, source)]
    return sorted(pairs, key=lambda pair: pair[1])


def files_digest(context: Path, step: Copy) -> str:
    """One digest of everything that a COPY takes: paths, modes and bytes."""
    digest = hashlib.sha256()
    for path, target in copied_files(context, step):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{target}\0{path.stat().st_mode & 0o111}\0{content}\n".encode())
    return digest.hexdigest()


def copy_files(context: Path, step: Copy, rootfs: Path) -> int:
    """Copy into the image's files; how many there were."""
    pairs = copied_files(context, step)
    for path, target in pairs:
        real = rootfs / target.lstrip("/")
        real.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, real)
        if step.mode is not None:
            real.chmod(step.mode)
    return len(pairs)


def _files_of(context: Path, step: Copy, source: str) -> Iterator[tuple[Path, str]]:
    found = sorted(context.glob(source.strip("/"))) if source.strip("./") else [context]
    if not found:
        raise DockerfileError(step.line, f"COPY {source}: there is no such file in the build context")
    for path in found:
        if not path.resolve().is_relative_to(context.resolve()):
            raise DockerfileError(step.line, f"COPY {source}: leaves the build context")
        yield from _tree(path, step, many=len(found) > 1)


def _tree(path: Path, step: Copy, *, many: bool) -> Iterator[tuple[Path, str]]:
    if path.is_dir():  # Docker copies what is in a folder, not the folder.
        for file in sorted(path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file, f"{step.target}/{file.relative_to(path).as_posix()}"
    else:
        yield path, f"{step.target}/{path.name}" if step.into_folder or many else step.target
