"""Resolves the steps of `sluice.yaml` against the entry points of `MLproject`.

That the two fit together is known before: `read_project` checks it.
"""

from collections.abc import Iterable, Mapping, Sequence

from sluiceway.projects.contracts import EntryPoint, MlProject, SluiceConfig, Step
from sluiceway.projects.parameter_text import as_text
from sluiceway.training.contracts import PlannedStep
from sluiceway.training.run_options import RunOptions

NOTHING_ASKED = RunOptions()


def resolve_steps(
    config: SluiceConfig, project: MlProject, options: RunOptions = NOTHING_ASKED
) -> tuple[PlannedStep, ...]:
    """The steps in order, with command, parameters and what they need; of a part of them, what it needs."""
    names = list(config.steps)
    every = [
        _resolve(
            name,
            step,
            project.entry_points[step.entry_point or name],
            above=names[:position][-1:],
            options=options,
        )
        for position, (name, step) in enumerate(config.steps.items())
    ]
    wanted = _with_needs(options.steps, every) if options.steps else set(names)
    return tuple(step for step in every if step.name in wanted)


def _with_needs(names: Iterable[str], every: Sequence[PlannedStep]) -> set[str]:
    """The names, and those of all steps that must be done before. A step's needs stand above it."""
    wanted = set(names)
    for step in reversed(every):
        if step.name in wanted:
            wanted.update(step.needs)
    return wanted


def _resolve(
    name: str, step: Step, entry: EntryPoint, *, above: list[str], options: RunOptions
) -> PlannedStep:
    return PlannedStep(
        name=name,
        command=entry.command,
        parameters=_parameters(step, entry, options.parameters),
        path_parameters=tuple(key for key, given in entry.parameters.items() if given.type == "path"),
        needs=tuple(above if step.needs is None else step.needs),
        vcpu=f"{step.resources.vcpu:g}",
        memory=str(step.resources.memory),
        timeout=min(step.timeout, options.longest or step.timeout),
        attempts=step.attempts,
    )


def _parameters(step: Step, entry: EntryPoint, asked: Mapping[str, str]) -> dict[str, str]:
    """Defaults of MLproject under the values of sluice.yaml, under what was asked; in MLproject's order."""
    values: dict[str, object] = {key: given.default for key, given in entry.parameters.items()}
    values |= step.parameters | dict(asked)
    return {key: as_text(values[key]) for key in entry.parameters}
