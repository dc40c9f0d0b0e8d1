"""The command of an entry point, its parameters filled in and quoted for the shell as MLflow does it."""

import os
import re
import shlex

from containers.trainer.workspace import Workspace
from sluiceway.errors import InvalidProject
from sluiceway.training.contracts import PlannedStep

PLACEHOLDER = re.compile(r"\{(?:(output)|data\.([a-z0-9-]+)|steps\.([a-z0-9-]+))\}")
"""`{output}`, `{data.NAME}`, `{steps.NAME}` in a parameter's value."""


def filled_command(step: PlannedStep, workspace: Workspace) -> str:
    """The line that `bash -c` runs in the project's folder."""
    values = {name: _value(name, step, workspace) for name in step.parameters}
    quoted = {name: shlex.quote(value) for name, value in values.items()}
    try:
        return _one_line(step.command.format(**quoted))
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise InvalidProject(
            f"MLproject: the command of {step.name!r} ({step.command}) cannot be filled: {error}; "
            f"its parameters are {', '.join(step.parameters) or 'none'}"
        ) from error


def _one_line(command: str) -> str:
    if "\0" in command:
        raise ValueError("there is a zero byte in it, which no command may hold")
    return command


def _value(name: str, step: PlannedStep, workspace: Workspace) -> str:
    value = PLACEHOLDER.sub(lambda found: _folder(found, step, workspace), step.parameters[name])
    if name not in step.path_parameters or "://" in value:
        return value
    path = workspace.project / value
    if not os.path.exists(path):  # noqa: PTH110 - pathlib raises on what can be no path at all
        raise InvalidProject(
            f"step {step.name!r}: parameter {name!r} is the path {value!r}, which does not exist"
        )
    return str(path)


def _folder(found: re.Match[str], step: PlannedStep, workspace: Workspace) -> str:
    output, dataset, earlier = found.groups()
    folder = workspace.output if output else workspace.data(dataset) if dataset else workspace.step(earlier)
    if not folder.is_dir():
        raise InvalidProject(
            f"step {step.name!r}: {found[0]} is neither one of its datasets nor of its needs"
        )
    return str(folder)
