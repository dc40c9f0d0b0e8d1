"""The projects that a commit holds, each read and checked: what is wrong with one stops no other."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sluiceway.errors import PermanentError
from sluiceway.github.contracts import ProblemFound
from sluiceway.github.repository_files import RepositoryFiles
from sluiceway.names import NAME_PATTERN
from sluiceway.projects.code_version import code_version
from sluiceway.projects.problems import TOLD_AT_MOST, Problem
from sluiceway.projects.read_project import Project, examine_project
from sluiceway.projects.sluice_yaml import SLUICE_YAML
from sluiceway.projects.source_tree import SourceTree

NAMED = re.compile(rf"^project:[ \t]*[\"']?({NAME_PATTERN[1:-1]})[\"']?[ \t\r]*(?:#.*)?$", re.MULTILINE)
LONGEST_MESSAGE = 2000
UNNAMED = "unnamed"


@dataclass(frozen=True, kw_only=True)
class FoundProject:
    """One folder with a `sluice.yaml`, as it is in a commit."""

    folder: str
    """From the repository's top; empty: the top itself."""
    name: str
    version: str
    """The code version; of files that cannot be read, a digest of the reason."""
    problems: tuple[ProblemFound, ...] = ()
    project: Project | None = None
    tree: SourceTree | None = None

    def refused(self, reason: str) -> "FoundProject":
        """The same, with one more thing that is wrong."""
        problem = _problem(self.folder, Problem(SLUICE_YAML, None, reason))
        return replace(self, project=None, problems=(*self.problems, problem))

    @property
    def config(self) -> dict[str, Any]:
        """`sluice.yaml` as JSON, without what it leaves at its default; empty where it cannot be used."""
        return self.project.config.model_dump(mode="json", exclude_defaults=True) if self.project else {}

    @property
    def reason(self) -> str:
        """Everything that is wrong, a line each; empty when nothing is."""
        return "\n".join(_line(problem) for problem in self.problems)


def find_projects(
    files: RepositoryFiles, *, repository: str, now: datetime | None = None
) -> list[FoundProject]:
    """Every project; with `now`, what can never happen any more is wrong, too. Raises `InvalidUpload`."""
    found = [_found(files, folder, repository, now) for folder in files.folders()]
    return list(_without_doubles(found))


def _found(files: RepositoryFiles, folder: str, repository: str, now: datetime | None) -> FoundProject:
    try:
        tree = files.tree(folder)
        project, problems = examine_project(tree, now)
        name = project.config.project if project else _guessed_name(tree, folder, repository)
        told = tuple(_problem(folder, each) for each in problems[:TOLD_AT_MOST])
        version = code_version(tree)
    except PermanentError as error:
        return _unreadable(folder, str(error), repository)
    usable = project if not told else None
    return FoundProject(folder=folder, name=name, version=version, problems=told, project=usable, tree=tree)


def _unreadable(folder: str, reason: str, repository: str) -> FoundProject:
    return FoundProject(
        folder=folder,
        name=_name_from(folder, repository),
        version=hashlib.sha256(reason.encode()).hexdigest(),
        problems=(_problem(folder, Problem(SLUICE_YAML, None, reason)),),
    )


def _without_doubles(found: Sequence[FoundProject]) -> Iterator[FoundProject]:
    """Two folders may not claim one name: nobody could say which of them is meant."""
    times = Counter(each.name for each in found)
    for each in found:
        if times[each.name] == 1:
            yield each
            continue
        folders = ", ".join(other.folder or "the top" for other in found if other.name == each.name)
        yield each.refused(f"project: {each.name} is in {folders}: give each its own name")


def _guessed_name(tree: SourceTree, folder: str, repository: str) -> str:
    """What a broken `sluice.yaml` calls the project, else its folder: somebody has to find the failed run."""
    text = tree.read(SLUICE_YAML)[:65536].decode(errors="replace") if SLUICE_YAML in tree.paths() else ""
    named = NAMED.search(text)
    return named[1] if named else _name_from(folder, repository)


def _name_from(folder: str, repository: str) -> str:
    for text in (folder.rpartition("/")[2], repository.partition("/")[2]):
        name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789")[:39].rstrip("-")
        if re.fullmatch(NAME_PATTERN[1:-1], name):
            return name
    return UNNAMED


def _problem(folder: str, problem: Problem) -> ProblemFound:
    path = f"{folder}/{problem.file}" if folder else problem.file
    return ProblemFound(path=path[:1024], line=problem.line, message=problem.message[:LONGEST_MESSAGE])


def _line(problem: ProblemFound) -> str:
    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    return f"{place}: {problem.message}"
