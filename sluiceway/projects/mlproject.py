"""Reads `MLproject` and the environment files that it leads to, by MLflow's own rules.

Source: `mlflow.projects._project_spec.load_project` (MLflow 3.17) and
https://mlflow.org/docs/latest/ml/projects. Docker environments and Databricks jobs are refused: the
platform builds the image itself, from `python_env` or `conda_env`.
"""

import posixpath
import string
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from pydantic import ValidationError

from sluiceway.projects.contracts import EntryPoint, EntryPointParameter, MlProject
from sluiceway.projects.environment_files import environment_files
from sluiceway.projects.problems import Problem, as_error
from sluiceway.projects.source_tree import SourceTree
from sluiceway.projects.yaml_document import InvalidYaml, YamlDocument

MLPROJECT = "MLproject"
PARAMETER_TYPES = ("string", "float", "path", "uri")
WRITTEN_TYPES = ("int", "integer", "double", "number", "bool", "boolean", "str")
"""Not documented, but written, also in MLflow's examples; it takes every type but path and uri as text."""
DEFAULT_ENVIRONMENTS = ("python_env.yaml", "conda.yaml")
"""What MLflow looks for when `MLproject` names no environment, in this order."""
REFUSED = {
    "docker_env": "is not supported: name a python_env or conda_env, from which the image is built",
    "databricks_spark_job": "is not supported: use entry_points",
}


def parse_mlproject(tree: SourceTree) -> MlProject:
    """`MLproject` at the top of a tree; raises `InvalidProject` that lists every problem with its line."""
    try:
        return read_mlproject(YamlDocument(MLPROJECT, tree.read(MLPROJECT)), tree)
    except InvalidYaml as error:
        raise as_error(error.problems) from error


def read_mlproject(document: YamlDocument, tree: SourceTree) -> MlProject:
    """The project in a document; raises `InvalidYaml`."""
    problems = [document.problem((key,), why) for key, why in REFUSED.items() if key in document.value]
    entry_points = {
        name: _entry_point(document, name, problems) for name in _entry_point_names(document, problems)
    }
    files = _environment_files(document, tree, problems)
    if problems:
        raise InvalidYaml(problems)
    name = str(document.value.get("name") or "")
    return MlProject(name=name, entry_points=entry_points, environment_files=files)


def _entry_point_names(document: YamlDocument, problems: list[Problem]) -> Iterable[str]:
    found = document.value.get("entry_points")
    if isinstance(found, dict) and found:
        return [str(name) for name in found]
    problems.append(document.problem(("entry_points",), "must name at least one entry point with a command"))
    return []


def _entry_point(document: YamlDocument, name: str, problems: list[Problem]) -> EntryPoint:
    place = ("entry_points", name)
    found = document.value["entry_points"][name]
    command = found.get("command") if isinstance(found, dict) else None
    if not isinstance(command, str) or not command.strip():
        problems.append(document.problem(place, "needs a command"))
        return EntryPoint(command="")
    declared = found.get("parameters") or {}
    if not isinstance(declared, dict):
        problems.append(document.problem((*place, "parameters"), "must be a mapping of name to type"))
        return EntryPoint(command=command)
    parameters = {
        str(key): _parameter(document, (*place, "parameters", str(key)), declared=value, problems=problems)
        for key, value in declared.items()
    }
    problems += _command_problems(document, (*place, "command"), command=command, parameters=parameters)
    return EntryPoint(command=command, parameters=parameters)


def _parameter(
    document: YamlDocument, place: tuple[str, ...], *, declared: Any, problems: list[Problem]
) -> EntryPointParameter:
    """`name: path`, or `name: {type: path, default: …}`."""
    given = {"type": declared} if isinstance(declared, str) else declared
    try:
        parameter = EntryPointParameter.model_validate(_type_and_default(given))
    except (ValidationError, AttributeError):
        problems.append(document.problem(place, "must be a type, or a mapping of type and a plain default"))
        return EntryPointParameter()
    if parameter.type not in (*PARAMETER_TYPES, *WRITTEN_TYPES):
        problems.append(
            document.problem(place, f"{parameter.type!r} is not one of {', '.join(PARAMETER_TYPES)}")
        )
    return parameter


def _type_and_default(given: Any) -> dict[str, Any]:
    """MLflow reads these two of a parameter, and writes what YAML makes of a default: `True`, a date."""
    declared = given if given is not None else {}
    default = declared.get("default")
    if isinstance(default, bool | date):
        default = str(default)
    return {"type": declared.get("type", "string"), "default": default}


def _command_problems(
    document: YamlDocument, place: tuple[str, ...], *, command: str, parameters: Iterable[str]
) -> list[Problem]:
    """MLflow fills a command with `str.format`: each field must be a parameter."""
    try:
        fields = set(_fields(command))
    except ValueError as error:
        return [document.problem(place, f"{error}: write {{{{ and }}}} for braces that are not parameters")]
    unknown = sorted(fields - set(parameters))
    return [
        document.problem(place, f"{{{field}}} is not a parameter of this entry point") for field in unknown
    ]


def _fields(command: str) -> Iterator[str]:
    """Also those within a format, as in `{name:>{width}}`."""
    for _, field, spec, _ in string.Formatter().parse(command):
        if field is not None:
            yield field
            yield from _fields(spec or "")


def _environment_files(document: YamlDocument, tree: SourceTree, problems: list[Problem]) -> tuple[str, ...]:
    named = {key: document.value[key] for key in ("python_env", "conda_env") if document.value.get(key)}
    if len(named) > 1:
        problems.append(document.problem(("conda_env",), "stands beside python_env: name one of them"))
        return ()
    key, path = next(iter(named.items()), ("", _default_environment(tree)))
    place = (key,) if key else ()
    if not path:
        problems.append(document.problem((), "names no environment: add python_env: python_env.yaml"))
        return ()
    if posixpath.normpath(str(path)) not in tree.paths():
        problems.append(document.problem(place, f"there is no file {path!r} in the project"))
        return ()
    files, found = environment_files(tree, posixpath.normpath(str(path)))
    problems += found
    return files


def _default_environment(tree: SourceTree) -> str | None:
    return next((name for name in DEFAULT_ENVIRONMENTS if name in tree.paths()), None)
