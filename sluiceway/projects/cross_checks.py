"""What `sluice.yaml` says of `MLproject` must be true: entry points, parameters, what placeholders name."""

import re
from collections.abc import Iterator, Sequence

from sluiceway.projects.contracts import EntryPoint, MlProject, SluiceConfig, Step
from sluiceway.projects.preview_checks import preview_problems
from sluiceway.projects.problems import Problem
from sluiceway.projects.schedule_checks import check_parameters
from sluiceway.projects.yaml_document import YamlDocument

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def cross_check(config: SluiceConfig, project: MlProject, document: YamlDocument) -> Iterator[Problem]:
    """Every contradiction between the two files, at its line of `sluice.yaml`."""
    yield from preview_problems(config, project, document)
    yield from check_parameters(config, project, document)
    done: list[str] = []
    for name, step in config.steps.items():
        entry_point = project.entry_points.get(step.entry_point or name)
        if entry_point is None:
            yield document.problem(_entry_point_place(name, step), _unknown_entry_point(name, step, project))
        else:
            yield from _parameter_problems(name, step, entry_point=entry_point, document=document)
        yield from _placeholder_problems(name, step, done=done, config=config, document=document)
        done.append(name)


def _entry_point_place(name: str, step: Step) -> tuple[str, ...]:
    return ("steps", name, "entry_point") if step.entry_point else ("steps", name)


def _unknown_entry_point(name: str, step: Step, project: MlProject) -> str:
    known = ", ".join(project.entry_points)
    return f"{step.entry_point or name!r} is not an entry point of MLproject, which has {known}"


def _parameter_problems(
    name: str, step: Step, *, entry_point: EntryPoint, document: YamlDocument
) -> Iterator[Problem]:
    place = ("steps", name, "parameters")
    for parameter in sorted(set(step.parameters) - set(entry_point.parameters)):
        known = ", ".join(entry_point.parameters) or "none"
        yield document.problem((*place, parameter), f"the entry point has no such parameter; it has {known}")
    for parameter, declared in entry_point.parameters.items():
        if declared.default is None and parameter not in step.parameters:
            yield document.problem(place, f"{parameter!r} has no default in MLproject and needs a value here")


def _placeholder_problems(
    name: str, step: Step, *, done: Sequence[str], config: SluiceConfig, document: YamlDocument
) -> Iterator[Problem]:
    known = ["output", *(f"data.{dataset}" for dataset in config.data), *(f"steps.{step}" for step in done)]
    for parameter, value in step.parameters.items():
        for placeholder in _PLACEHOLDER.findall(str(value)):
            if placeholder not in known:
                allowed = ", ".join(f"{{{one}}}" for one in known)
                yield document.problem(
                    ("steps", name, "parameters", parameter),
                    f"{{{placeholder}}} is not known here: use {allowed}",
                )
