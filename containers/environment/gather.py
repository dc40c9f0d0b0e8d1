"""Write the packages of a project's environment as requirements: `gather.py FOLDER ADDITION…`, on stdout.

The folder holds python_env.yaml or conda.yaml at the path that MLproject gave it. This runs while an image is
built: it imports nothing of the platform.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

OLDEST = (3, 11)
_PLAIN = re.compile(r"^(python|pip|setuptools|wheel)(?![\w.-])")
"""Conda packages that every environment has; MLflow, too, lets them pass."""


class UnusableEnvironment(Exception):
    """The environment file cannot be installed with pip."""


def gather(folder: Path, additions: list[Path]) -> list[str]:
    """Lines of a requirements file: the project's packages, then the platform's."""
    if sys.version_info < OLDEST:
        raise UnusableEnvironment(
            "the platform needs Python 3.11 or later: raise `python` in python_env.yaml"
        )
    files = sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml")))
    if len(files) > 1:
        raise UnusableEnvironment(f"more than one environment file: {', '.join(map(str, files))}")
    lines = [line for file in files for line in _of_file(file, folder)]
    return lines + [f"-r {path.resolve()}" for path in additions]


def _of_file(file: Path, folder: Path) -> Iterator[str]:
    name = file.relative_to(folder).as_posix()
    described = yaml.safe_load(file.read_text()) or {}
    if not isinstance(described, dict):
        raise UnusableEnvironment(f"{name}: expected a mapping with `dependencies`")
    packages = [*(described.get("build_dependencies") or []), *(described.get("dependencies") or [])]
    conda = "channels" in described or any(isinstance(package, dict) for package in packages)
    for package in _pip_of_conda(packages, name) if conda else packages:
        yield _beside(file, str(package))


def _pip_of_conda(packages: list[Any], name: str) -> Iterator[str]:
    for package in packages:
        if isinstance(package, dict):
            yield from package.get("pip") or []
        elif not _PLAIN.match(str(package)):
            raise UnusableEnvironment(
                f"{name}: {package!r} is a conda package; list it under `pip:`, or use python_env.yaml"
            )


def _beside(file: Path, line: str) -> str:
    """`-r requirements.txt` means the one beside the environment file, wherever the output goes."""
    found = re.fullmatch(r"(-r|--requirement|-c|--constraint)[ =]*(\S+)", line.strip())
    return f"{found[1]} {(file.parent / found[2]).resolve()}" if found else line


if __name__ == "__main__":
    try:
        sys.stdout.write("\n".join(gather(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])) + "\n")
    except UnusableEnvironment as error:
        sys.exit(f"error: {error}")
