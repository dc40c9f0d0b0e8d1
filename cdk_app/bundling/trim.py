"""Cutting what a layer does not need, and byte code for what it does."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cdk_app.bundling.recipe import Recipe


class UselessCutError(Exception):
    """A pattern of a recipe matches nothing: the package changed, so the recipe must be read again."""


def trim(folder: Path, recipe: Recipe) -> None:
    """Remove from `folder` what the recipe cuts."""
    for pattern in (pattern for cut in recipe.cut for pattern in cut.paths):
        matches = list(folder.glob(pattern))
        if not matches:
            raise UselessCutError(f"{pattern!r} matches nothing in the layer; take it out of its layer.yaml")
        for path in matches:
            _remove(path)
    for path in _unused_service_models(folder, recipe):
        _remove(path)


def compile_byte_code(folder: Path, *, interpreter: Path, mounted_at: str) -> None:
    """Write `.pyc` files that are used without a look at their source: imports take a third of the time."""
    command = [
        str(interpreter), "-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash",
        "-s", str(folder), "-p", mounted_at, str(folder),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


def _unused_service_models(folder: Path, recipe: Recipe) -> Iterator[Path]:
    if recipe.aws_services:
        models = (path for path in (folder / "botocore/data").iterdir() if path.is_dir())
        yield from (path for path in models if path.name not in recipe.aws_services)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
