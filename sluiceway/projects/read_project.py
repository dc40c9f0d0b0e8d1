"""Reads a whole project from its files, and tells everything that is wrong with it at once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sluiceway.errors import InvalidProject
from sluiceway.projects.contracts import MlProject, SluiceConfig
from sluiceway.projects.cross_checks import cross_check
from sluiceway.projects.mlproject import MLPROJECT, read_mlproject
from sluiceway.projects.pack import FolderTree
from sluiceway.projects.problems import Problem, as_error, in_order
from sluiceway.projects.query_checks import check_queries
from sluiceway.projects.schedule_checks import past_schedules
from sluiceway.projects.sluice_yaml import SLUICE_YAML, parse
from sluiceway.projects.source_tree import SourceTree
from sluiceway.projects.yaml_document import InvalidYaml, YamlDocument


@dataclass(frozen=True)
class Project:
    """A project that fits together."""

    config: SluiceConfig
    mlproject: MlProject


def read_project(tree: SourceTree) -> Project:
    """The project in a tree; raises `InvalidProject` that lists every problem with file and line."""
    project, problems = _read(tree)
    if project is None or problems:
        raise as_error(problems)
    return project


def refuse_past(tree: SourceTree, project: Project, *, now: datetime) -> None:
    """For a push: refuse what was right once and can never happen any more; raises `InvalidProject`."""
    problems = list(past_schedules(project.config, _document(tree, SLUICE_YAML), now=now))
    if problems:
        raise as_error(problems)


def examine_project(tree: SourceTree, now: datetime | None = None) -> tuple[Project | None, list[Problem]]:
    """The project as far as it can be read, and everything that is wrong with it."""
    project, problems = _read(tree, now)
    return project, in_order(problems)


def validate_directory(path: Path) -> list[Problem]:
    """Everything that is wrong with the project in a folder; an empty list when nothing is."""
    try:
        return in_order(_read(FolderTree(path), datetime.now(UTC))[1])
    except InvalidProject as error:
        return [Problem(str(path), None, str(error))]


def _read(tree: SourceTree, now: datetime | None = None) -> tuple[Project | None, list[Problem]]:
    """Both files are read even when one is wrong; they are compared when both are right."""
    problems: list[Problem] = []
    mlproject, config, document = None, None, None
    try:
        mlproject = read_mlproject(_document(tree, MLPROJECT), tree)
    except InvalidYaml as error:
        problems += error.problems
    try:
        document = _document(tree, SLUICE_YAML)
        config = parse(document)
    except InvalidYaml as error:
        problems += error.problems
    if mlproject is None or config is None or document is None:
        return None, problems
    problems += [*cross_check(config, mlproject, document), *check_queries(config, tree, document)]
    problems += past_schedules(config, document, now=now) if now else ()
    return Project(config, mlproject), problems


def _document(tree: SourceTree, file: str) -> YamlDocument:
    if file not in tree.paths():
        raise InvalidYaml([Problem(file, None, f"is missing: {_advice(tree, file)}")])
    return YamlDocument(file, tree.read(file))


def _advice(tree: SourceTree, file: str) -> str:
    """MLflow finds `mlproject`, too, and people write `sluice.yml`, or pack the folder above."""
    for path in tree.paths():
        if path.lower() in (file.lower(), file.lower().replace(".yaml", ".yml")):
            return f"rename {path} to {file}"
        if path.endswith(f"/{file}"):
            return f"there is {path}: it must lie at the top of the project's folder"
    return "put it at the top of the project's folder"
