"""In what a run differs from what `sluice.yaml` says: asked for by whoever started it, or by its preview."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluiceway.errors import InvalidProject
from sluiceway.gateways.ledger import RunRecord
from sluiceway.projects.parameters import outside_of_the_project, parameter_names, unknown_parameters
from sluiceway.projects.read_project import Project


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Nothing of it is asked for unless a run says so."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """In place of the steps' own, in each step whose entry point has such a parameter."""
    steps: tuple[str, ...] = ()
    """Only these and what they need; empty: all."""
    longest: int | None = None
    """seconds that a step may take, however much longer its own timeout is"""


def run_options(run: RunRecord, project: Project) -> RunOptions:
    """What the run asks for; raises `InvalidProject` for what its code does not have."""
    known = parameter_names(project.config, project.mlproject)
    reason = unknown_parameters(run.parameters, known) or _unknown_steps(run, project)
    reason = reason or outside_of_the_project(run.parameters, project.config, project.mlproject)
    if reason:
        raise InvalidProject(reason)
    preview = project.config.preview if run.preview else None
    return RunOptions(
        parameters=run.parameters, steps=run.steps, longest=preview.timeout if preview else None
    )


def _unknown_steps(run: RunRecord, project: Project) -> str | None:
    known = list(project.config.steps)
    names = [name for name in run.steps if name not in known]
    return f"{', '.join(names)} is not a step: the steps are {', '.join(known)}" if names else None
