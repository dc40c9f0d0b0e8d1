"""The folder of `docker` and `aws` that comes first on a build's PATH."""

import sys
from pathlib import Path

from embedded.images.store import STORE_VARIABLE, ImageStore

_PROGRAMS = ("docker", "aws")


def shims(store: ImageStore) -> Path:
    """Write the programs, and return their folder."""
    folder = store.root / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PROGRAMS:
        script = folder / f"{name}.new"
        # Without the build's own folder on the module path (-P), and without its PYTHON… variables (-E).
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -E -m embedded.images.{name} "$@"\n')
        script.chmod(0o755)
        script.replace(folder / name)
    return folder


def shim_environment(store: ImageStore) -> dict[str, str]:
    """What the programs need beside a build's own environment."""
    return {STORE_VARIABLE: str(store.root)}
