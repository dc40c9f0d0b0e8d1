"""Parameters that a run may be given in place of those of `sluice.yaml`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sluiceway.projects.contracts import EntryPoint, MlProject, SluiceConfig

REMOTE = ("s3://", "http://", "https://")
"""What a value of type `path` may be besides a place in the project; `file:` reaches the machine's files."""


def parameter_names(config: SluiceConfig, project: MlProject) -> tuple[str, ...]:
    """Names of all parameters of the steps' entry points, in the order of the steps."""
    return tuple(dict.fromkeys(key for entry in _entry_points(config, project) for key in entry.parameters))


def unknown_parameters(given: Iterable[str], known: Sequence[str]) -> str | None:
    """Why parameters cannot be given, with the names that there are; None where they can."""
    unknown = [name for name in given if name not in known]
    if not unknown:
        return None
    there_are = f"there are {', '.join(known)}" if known else "there are none"
    return f"no entry point of the steps has the parameter {', '.join(unknown)}: {there_are}"


def outside_of_the_project(given: Mapping[str, str], config: SluiceConfig, project: MlProject) -> str | None:
    """Why a path cannot be given: what people ask for names no file of the machine that runs the step."""
    declared = (pair for entry in _entry_points(config, project) for pair in entry.parameters.items())
    paths = {name for name, parameter in declared if parameter.type == "path"}
    for name, value in given.items():
        if name in paths and not _stays_inside(value):
            rule = "it must lie in the project's folder, or be an s3:// URI"
            return f"parameter {name} is the path {value!r}: {rule}"
    return None


def _entry_points(config: SluiceConfig, project: MlProject) -> Iterator[EntryPoint]:
    return (project.entry_points[step.entry_point or name] for name, step in config.steps.items())


def _stays_inside(path: str) -> bool:
    """Of `{data.NAME}/…`, too: placeholders become folders of the step."""
    if "://" in path:
        return path.startswith(REMOTE)
    return not path.startswith("/") and ".." not in path.split("/")
