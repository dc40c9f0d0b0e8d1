"""Which files make up a project's environment: the environment file, and the requirements files it names.

Their content is what an image is built from: a change of any of them is a new image, a change of anything
else is not.
"""

import codecs
import posixpath
import re
from collections import deque
from collections.abc import Collection, Iterator
from typing import Any

from sluiceway.projects.problems import Problem
from sluiceway.projects.source_tree import SourceTree
from sluiceway.projects.yaml_document import InvalidYaml, YamlDocument

_NAMED_FILE = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)?([^\s#]+)")
"""A line that includes another file (pip's requirements file format)."""
_LOCAL = re.compile(
    r"^\s*(?:(?:-e|--editable)(?:\s+|=)(?![\s=]|\w+\+)|\.{0,2}/|\.\s*$|file:|[\w.\[\],-]+\s*@\s*file:)"
)
"""A line that installs from a folder or a file beside it; `-e git+https://…` does not."""

_VERSION = re.compile(r"3\.(\d{1,3})(?:\.\d{1,3})?")
OLDEST_PYTHON = 11
"""Minor version that the platform's own packages need; builds refuse older ones, minutes later."""
_CONDA_PYTHON = re.compile(r"python\s*=+\s*3\.(\d{1,3})(?:[.=].*)?")
_CONDA_NAME = re.compile(r"[^\s=<>!~\[]*")
_EVERYWHERE = ("python", "pip", "setuptools", "wheel")
"""Conda packages that every image has; no other can be installed, as images are made with pip."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks by which pip, too, knows an encoding: PowerShell's `>` writes UTF-16."""

MAX_BYTES = 4 * 1024 * 1024
"""Of all requirements files: a thousand packages, each with all its hashes. Their lines are kept."""
MAX_PROBLEMS = 1000
"""After so many nobody reads on."""

_Line = tuple[str, int | None, str]
"""File, number of the line where it has one, and the line."""


def environment_files(tree: SourceTree, path: str) -> tuple[tuple[str, ...], list[Problem]]:
    """The environment file and every file that it leads to, in the order in which they are met; problems."""
    try:
        document = YamlDocument(path, tree.read(path))
    except InvalidYaml as error:
        return (), error.problems
    files, problems = [path], [*_shape_problems(document), *_conda_problems(document)]
    waiting = deque[_Line]((path, None, requirement) for requirement in _pip_lines(document.value))
    known, size = set(tree.paths()), 0
    while waiting and len(problems) < MAX_PROBLEMS:
        source, number, requirement = waiting.popleft()
        try:
            named = _named_file(source, requirement, known)
        except ValueError as error:
            problems.append(Problem(source, number, str(error)))
            continue
        if named is not None and named not in files:
            files.append(named)
            content = tree.read(named)
            size += len(content)
            if size > MAX_BYTES:
                return tuple(files), [*problems, _too_much(named)]
            waiting.extendleft(reversed(_lines_of(named, content)))
    return tuple(files), problems


def _too_much(path: str) -> Problem:
    rule = "they name packages, a line each; data go into a dataset"
    return Problem(path, None, f"is more than {MAX_BYTES} bytes, with the requirements before it: {rule}")


def _pip_lines(environment: dict[str, Any]) -> Iterator[str]:
    """What pip installs: python_env.yaml lists it as dependencies, conda.yaml under `- pip:`."""
    for key in ("build_dependencies", "dependencies"):
        listed = environment.get(key)
        for entry in listed if isinstance(listed, list) else []:
            nested = entry.get("pip") if isinstance(entry, dict) else None
            yield from map(str, nested if isinstance(nested, list) else [entry])


def _named_file(source: str, line: str, known: Collection[str]) -> str | None:
    """Path of the file that a line includes, None where it includes none; raises `ValueError`."""
    if _LOCAL.match(line):
        raise ValueError(
            f"{line.strip()[:200]!r} is a local path, and images hold no code of a project: "
            f"name a package, or import the code from the project's folder"
        )
    match = _NAMED_FILE.match(line)
    if not match or "://" in match[1]:
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))
    if path not in known:
        raise ValueError(f"names {match[1]!r}, which is not in the project")
    return path


def _lines_of(path: str, content: bytes) -> list[_Line]:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    text = content.decode(encoding, errors="replace")
    return [(path, number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def _shape_problems(document: YamlDocument) -> Iterator[Problem]:
    for key in ("build_dependencies", "dependencies"):
        listed = document.value.get(key)
        if listed is not None and not isinstance(listed, list):
            yield document.problem((key,), "must be a list: lines that start with '- '")
    wanted = document.value.get("python")
    version = _VERSION.fullmatch(str(wanted))
    if wanted is not None and (version is None or int(version[1]) < OLDEST_PYTHON):
        rule = f'name one version from 3.{OLDEST_PYTHON} on, in quotes: "3.{OLDEST_PYTHON}"'
        yield document.problem(("python",), f"{str(wanted)[:60]!r} does not work: {rule}")


def _conda_problems(document: YamlDocument) -> Iterator[Problem]:
    """Of conda.yaml, which has channels, or a mapping of pip's packages among its own."""
    listed = document.value.get("dependencies")
    packages = listed if isinstance(listed, list) else []
    if "channels" not in document.value and not any(isinstance(package, dict) for package in packages):
        return
    for number, package in enumerate(packages):
        complaint = None if isinstance(package, dict) else _conda_complaint(str(package))
        if complaint:
            yield document.problem(("dependencies", number), f"{str(package)[:60]!r} {complaint}")


def _conda_complaint(package: str) -> str | None:
    if _name_of(package) not in _EVERYWHERE:
        return "is a conda package, and images are made with pip: list it under `- pip:`"
    version = _CONDA_PYTHON.fullmatch(package.strip())
    if version and int(version[1]) < OLDEST_PYTHON:
        return f"does not work: name a version from 3.{OLDEST_PYTHON} on: python=3.{OLDEST_PYTHON}"
    return None


def _name_of(package: str) -> str:
    """Of `python=3.11`, `pip >= 20`, `wheel[version='>1']`."""
    return (_CONDA_NAME.match(package.strip()) or [""])[0]
