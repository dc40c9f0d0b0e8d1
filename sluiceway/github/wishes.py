"""Turns commands into wishes on the bus: for runs of what a commit holds, and for deployments."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import ValidationError

from sluiceway.contract import Contract
from sluiceway.github.commands import Command, InvalidCommand
from sluiceway.github.found_project import FoundProject
from sluiceway.github.handling import Handling
from sluiceway.github.store_code import Brought, store_code
from sluiceway.triggers.contracts import Commit, DeploymentAsked, RunAsked

Wish = TypeVar("Wish", bound=Contract)


def deployment(command: Command, *, event_id: str, asked_by: str) -> DeploymentAsked:
    """The wish for a deployment; raises `InvalidCommand`."""
    given = {
        "event_id": event_id,
        "project": command.project,
        "model_version": command.model_version,
        "run_id": command.run_id,
        "rollback": command.verb == "rollback",
        "trigger": "webhook",
        "asked_by": asked_by,
    }
    return _checked(lambda: DeploymentAsked.model_validate(given))


def run_of_latest(command: Command, *, event_id: str, asked_by: str) -> RunAsked:
    """The wish for a run of the project's latest code, or of a version that is named."""
    return _run(command, command.project or "", event_id=event_id, asked_by=asked_by)


def run_of_commit(
    command: Command,
    found: FoundProject,
    *,
    event_id: str,
    asked_by: str,
    commit: Commit,
    preview: bool,
    on: Handling,
) -> RunAsked:
    """Keep the project's code as the commit has it, and wish for a run of it; raises `InvalidCommand`."""
    foreign = on.owned_elsewhere(found.name, commit.repository)
    if foreign or found.project is None or found.tree is None:
        raise InvalidCommand(foreign or found.reason)
    if command.code_version not in (None, found.version):
        raise InvalidCommand("--code names other code than that of the commit: leave it out here")
    wish = _run(
        command,
        found.name,
        event_id=event_id,
        asked_by=asked_by,
        code_version=found.version,
        commit=commit,
        preview=preview,
    )
    at = on.now()
    brought = Brought(event_id=event_id, commit=commit, trigger="webhook", order=at, at=at)
    pointer = store_code(
        found, found.project, found.tree, brought=brought, objects=on.objects, bucket=on.artifacts_bucket
    )
    on.ledger.keep_code(pointer)
    return wish


def chosen(command: Command, found: Sequence[FoundProject]) -> FoundProject:
    """The project that a command means; it may leave out the name where there is only one."""
    fitting = [each for each in found if command.project in (None, each.name)]
    if len(fitting) != 1:
        names = ", ".join(each.name for each in found) or "none"
        raise InvalidCommand(f"name one of the projects that are meant: {names}")
    return fitting[0]


def _run(command: Command, project: str, **more: object) -> RunAsked:
    given: Mapping[str, object] = {
        "project": project,
        "code_version": command.code_version,
        "dataset_versions": command.dataset_versions,
        "parameters": command.parameters,
        "steps": command.steps,
        "force": command.force,
        "trigger": "webhook",
        **more,
    }
    return _checked(lambda: RunAsked.model_validate(given))


def _checked(make: Callable[[], Wish]) -> Wish:
    try:
        return make()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
        raise InvalidCommand(wrong) from None
