"""Which files make up a project's environment: the environment file, and the requirements files it names.

Their content is what an image is built from: a change of any of them is a new image, a change of anything
else is not.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from sluiceway.projects.problems import Problem
from sluiceway.projects.source_tree import SourceTree
from sluiceway.projects.yaml_document import InvalidYaml, YamlDocument

_NAMED_FILE = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)?([^\s#]+)")
"""A line that includes another file (pip's requirements file format)."""


def environment_files(tree: SourceTree, path: str) -> tuple[tuple[str, ...], list[Problem]]:
    """The environment file and every file that it leads to, in the order in which they are met; problems."""
    try:
        document = YamlDocument(path, tree.read(path))
    except InvalidYaml as error:
        return (), error.problems
    files, problems = [path], list[Problem]()
    for requirement in _pip_lines(document.value):
        _follow(tree, from_file=path, line=(None, requirement), files=files, problems=problems)
    return tuple(files), problems


def _pip_lines(environment: dict[str, Any]) -> Iterator[str]:
    """What pip installs: python_env.yaml lists it as dependencies, conda.yaml under `- pip:`."""
    for key in ("build_dependencies", "dependencies"):
        listed = environment.get(key)
        for entry in listed if isinstance(listed, list) else []:
            nested = entry.get("pip") if isinstance(entry, dict) else None
            yield from map(str, nested if isinstance(nested, list) else [entry])


def _follow(
    tree: SourceTree,
    *,
    from_file: str,
    line: tuple[int | None, str],
    files: list[str],
    problems: list[Problem],
) -> None:
    """Add the file that a line includes, and those that it includes in turn."""
    match = _NAMED_FILE.match(line[1])
    if not match or "://" in match[1]:
        return
    path = posixpath.normpath(posixpath.join(posixpath.dirname(from_file), match[1]))
    if path in files:
        return
    if path not in tree.paths():
        problems.append(Problem(from_file, line[0], f"names {match[1]!r}, which is not in the project"))
        return
    files.append(path)
    text = tree.read(path).decode("utf-8", errors="replace")
    for number, inner in enumerate(text.splitlines(), start=1):
        _follow(tree, from_file=path, line=(number, inner), files=files, problems=problems)
