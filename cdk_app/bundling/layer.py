"""Building a Lambda layer with uv, once for each content."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import uv

from cdk_app.bundling.archive import content_hash, files_below, write_zip
from cdk_app.bundling.recipe import ROOT, Recipe, layer_recipe
from cdk_app.bundling.target import Target
from cdk_app.bundling.trim import compile_byte_code, trim

CACHE = ROOT / "build" / "layers"


@dataclass(frozen=True)
class Archive:
    """A zip file and the hash of what it was made from."""

    path: Path
    key: str


class LayerTooLargeError(Exception):
    """A layer has outgrown what its recipe allows."""


@cache
def build_layer(name: str, target: Target) -> Archive:
    """Return the layer's archive, building it when neither recipe, lock, builder nor target are known yet."""
    recipe = layer_recipe(name)
    interpreter = target.interpreter()
    key = _key(name, recipe=recipe, target=target, interpreter=interpreter)
    archive = Archive(CACHE / f"{name}-{key}.zip", key)
    if not archive.path.exists():
        _build(archive.path, recipe=recipe, target=target, interpreter=interpreter)
    return archive


def _key(name: str, *, recipe: Recipe, target: Target, interpreter: Path | None) -> str:
    lock = (ROOT / recipe.requirements).read_bytes()
    builder = b"".join(
        path.read_bytes() for path in files_below(Path(__file__).parent) if path.suffix == ".py"
    )
    return content_hash(name, recipe.model_dump_json(), repr(target), str(interpreter is None), lock, builder)


def _build(path: Path, *, recipe: Recipe, target: Target, interpreter: Path | None) -> None:
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "python"
        _install(folder, requirements=ROOT / recipe.requirements, target=target)
        trim(folder, recipe)
        if interpreter:
            compile_byte_code(folder, interpreter=interpreter, mounted_at="/opt/python")
        _check_size(folder, recipe)
        files = files_below(Path(work))
        write_zip(path, entries=((file.relative_to(work).as_posix(), file) for file in files))


def _install(folder: Path, *, requirements: Path, target: Target) -> None:
    command = [
        uv.find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--no-compile",
        "--python", sys.executable, "--target", str(folder),
        "--only-binary", ":all:", "--require-hashes", *target.uv_arguments(), "-r", str(requirements),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    (folder / ".lock").unlink(missing_ok=True)


def _check_size(folder: Path, recipe: Recipe) -> None:
    mib = sum(path.stat().st_size for path in files_below(folder)) / 2**20
    if mib > recipe.largest_mib:
        raise LayerTooLargeError(
            f"{recipe.requirements} makes a layer of {mib:.0f} MiB, its recipe allows {recipe.largest_mib}: "
            f"cut more in layer.yaml, or raise largest_mib there (a function and its layers: 150 MiB)"
        )
