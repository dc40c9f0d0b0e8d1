"""Resolves the steps of `sluice.yaml` against the entry points of `MLproject`.

That the two fit together is known before: `read_project` checks it.
"""

from sluiceway.projects.contracts import EntryPoint, MlProject, SluiceConfig, Step
from sluiceway.training.contracts import PlannedStep


def resolve_steps(config: SluiceConfig, project: MlProject) -> tuple[PlannedStep, ...]:
    """The steps in order, with command, parameters and what they need."""
    names = list(config.steps)
    return tuple(
        _resolve(name, step, project.entry_points[step.entry_point or name], above=names[:position][-1:])
        for position, (name, step) in enumerate(config.steps.items())
    )


def _resolve(name: str, step: Step, entry: EntryPoint, *, above: list[str]) -> PlannedStep:
    return PlannedStep(
        name=name,
        command=entry.command,
        parameters=_parameters(step, entry),
        path_parameters=tuple(key for key, given in entry.parameters.items() if given.type == "path"),
        needs=tuple(above if step.needs is None else step.needs),
        vcpu=f"{step.resources.vcpu:g}",
        memory=str(step.resources.memory),
        timeout=step.timeout,
        attempts=step.attempts,
    )


def _parameters(step: Step, entry: EntryPoint) -> dict[str, str]:
    """Defaults of MLproject under the values of sluice.yaml, in MLproject's order."""
    values: dict[str, object] = {key: given.default for key, given in entry.parameters.items()}
    values |= step.parameters
    return {key: _text(values[key]) for key in entry.parameters}


def _text(value: object) -> str:
    """As a command line shows it: 7, not 7.0; true, not True."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
