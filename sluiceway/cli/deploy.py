"""`sluice deploy`, `approve` and `rollback`: ask for another model version behind a project's endpoint."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sluiceway.cli.asking import ask, wait_until
from sluiceway.cli.completion import complete_project, complete_run
from sluiceway.cli.finding import find_project, find_run
from sluiceway.cli.listing import print_json
from sluiceway.cli.plain import plain
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.errors import NotFound

if TYPE_CHECKING:
    from sluiceway.gateways.records import DeploymentRecord, EventRecord

ENDED_WITHIN = 7200.0
"""seconds: `TimeoutSeconds` of deploy_model"""
ProjectArgument = Annotated[str, typer.Argument(autocompletion=complete_project)]
WaitOption = Annotated[bool, typer.Option("--wait", help="until it has ended; exit code 0 if it succeeds")]


def deploy(
    project: ProjectArgument,
    version: Annotated[str, typer.Argument(help="model version; `sluice models PROJECT` lists them")],
    wait: WaitOption = False,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Put a model version behind the project's endpoint, whatever its gate said."""
    if not version.isdigit() or not version.isascii() or version.startswith("0") or len(version) > 10:
        raise typer.BadParameter(f"{version!r} is no model version: a number, such as 7")
    _ask(open_stage(stage), project, wait=wait, as_json=as_json, model_version=version)


def approve(
    run: Annotated[str, typer.Argument(help="run that waits for approval", autocompletion=complete_run)],
    wait: WaitOption = False,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Deploy the model of a run that passed its gate and waits for approval."""
    opened = open_stage(stage)
    found = find_run(opened.ledger, run)
    _ask(opened, found.project, wait=wait, as_json=as_json, run_id=found.run_id)


def rollback(
    project: ProjectArgument,
    wait: WaitOption = False,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Bring back what was live before the present version; asked again, what was live before that."""
    _ask(open_stage(stage), project, wait=wait, as_json=as_json, rollback=True)


def _ask(stage: Stage, project: str, *, wait: bool, as_json: bool, **wanted: Any) -> None:
    from sluiceway.triggers.contracts import DeploymentAsked

    decided = ask(stage, DeploymentAsked, find_project(stage.ledger, project), **wanted)
    ended = _wait(stage, decided.deployment_id) if wait and decided.deployment_id else None
    if as_json:
        print_json((ended or decided).model_dump(mode="json", exclude={"cause", "situation"}))
    else:
        _tell(decided, ended)
    raise typer.Exit(1 if ended and ended.status == "FAILED" else 0)


def _tell(decided: "EventRecord", ended: "DeploymentRecord | None") -> None:
    typer.echo(plain(f"{decided.outcome}: {decided.reason}"))
    if ended:
        typer.echo(plain(f"{ended.deployment_id} {ended.status}: {ended.reason}"))
    elif decided.deployment_id:
        typer.echo(f"`sluice deployments -p {decided.project}` shows what becomes of {decided.deployment_id}")


def _wait(stage: Stage, deployment_id: str) -> "DeploymentRecord":
    def ended() -> "DeploymentRecord | None":
        found = stage.ledger.find_deployment(deployment_id)
        return found if found and found.status != "IN_PROGRESS" else None

    found = wait_until(ended, seconds=ENDED_WITHIN)
    if found is None:
        raise NotFound(f"deployment {deployment_id} has not ended: `sluice deployments` shows it")
    return found
