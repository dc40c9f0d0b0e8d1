"""The one archive that holds every function's code."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from cdk_app.bundling.archive import content_hash, files_below, write_zip
from cdk_app.bundling.layer import Archive
from cdk_app.bundling.recipe import ROOT
from cdk_app.bundling.target import Target
from cdk_app.bundling.trim import compile_byte_code

CACHE = ROOT / "build" / "functions"

# containers/ and its lock are data here: PrepareBuild puts them into the build context of an image.
_FOLDERS = ("lambdas", "sluiceway", "containers")
_FILES = ("requirements/container.txt",)
_LEFT_OUT = ("sluiceway/cli/", "/__pycache__/", ".md")


@cache
def build_code(target: Target) -> Archive:
    """Return the archive of `lambdas`, the library without its command line, and the containers' files."""
    interpreter = target.interpreter()
    files = code_files()
    content = [part for name, path in files.items() for part in (name, path.read_bytes())]
    key = content_hash(target.python_version, str(interpreter is None), *content)
    archive = Archive(CACHE / f"functions-{key}.zip", key)
    if not archive.path.exists():
        _build(archive.path, files=files, interpreter=interpreter)
    return archive


def code_files() -> dict[str, Path]:
    """Name in the archive → file, in order."""
    below = [path for folder in _FOLDERS for path in files_below(ROOT / folder)]
    named = {path.relative_to(ROOT).as_posix(): path for path in [*below, *(ROOT / name for name in _FILES)]}
    return {name: path for name, path in named.items() if not any(part in name for part in _LEFT_OUT)}


def _build(path: Path, *, files: dict[str, Path], interpreter: Path | None) -> None:
    with tempfile.TemporaryDirectory() as work:
        for name, source in files.items():
            copy = Path(work) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
        for folder in ("lambdas", "sluiceway") if interpreter else ():
            compile_byte_code(
                Path(work) / folder, interpreter=Path(str(interpreter)), mounted_at=f"/var/task/{folder}"
            )
        entries = ((file.relative_to(work).as_posix(), file) for file in files_below(Path(work)))
        write_zip(path, entries=entries)
