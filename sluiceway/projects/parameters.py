"""Parameters that a run may be given in place of those of `sluice.yaml`."""

from collections.abc import Iterable, Sequence

from sluiceway.projects.contracts import MlProject, SluiceConfig


def parameter_names(config: SluiceConfig, project: MlProject) -> tuple[str, ...]:
    """Names of all parameters of the steps' entry points, in the order of the steps."""
    entry_points = (step.entry_point or name for name, step in config.steps.items())
    names = (key for entry in entry_points for key in project.entry_points[entry].parameters)
    return tuple(dict.fromkeys(names))


def unknown_parameters(given: Iterable[str], known: Sequence[str]) -> str | None:
    """Why parameters cannot be given, with the names that there are; None where they can."""
    unknown = [name for name in given if name not in known]
    if not unknown:
        return None
    there_are = f"there are {', '.join(known)}" if known else "there are none"
    return f"no entry point of the steps has the parameter {', '.join(unknown)}: {there_are}"
