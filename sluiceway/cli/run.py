"""`sluice run`: ask for a run, of the latest of everything unless said otherwise."""

from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.asking import ask
from sluiceway.cli.completion import complete_project
from sluiceway.cli.finding import find_project
from sluiceway.cli.listing import print_json
from sluiceway.cli.plain import plain
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.cli.versions import code_version, dataset_versions, parameters

if TYPE_CHECKING:
    from sluiceway.gateways.records import EventRecord

DatasetOption = Annotated[
    list[str] | None, typer.Option("--dataset", "-d", metavar="NAME@VERSION", help="default: the latest")
]
CodeOption = Annotated[str | None, typer.Option("--code", metavar="VERSION", help="default: the latest")]
ParamOption = Annotated[
    list[str] | None,
    typer.Option("--param", "-P", metavar="NAME=VALUE", help="in place of what sluice.yaml says"),
]
StepOption = Annotated[
    list[str] | None, typer.Option("--step", help="only this step and what it needs; may be repeated")
]
ForceOption = Annotated[bool, typer.Option("--force", help="though the same was run before")]
PreviewOption = Annotated[
    bool, typer.Option("--preview", help="as `preview:` says: train and judge, register nothing")
]
WaitOption = Annotated[bool, typer.Option("--wait", help="until it has ended; exit code 0 if it succeeds")]


def run(  # noqa: PLR0913, PLR0917 - each is an option of the command
    project: Annotated[str, typer.Argument(autocompletion=complete_project)],
    dataset: DatasetOption = None,
    code: CodeOption = None,
    param: ParamOption = None,
    step: StepOption = None,
    force: ForceOption = False,
    preview: PreviewOption = False,
    wait: WaitOption = False,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Run a project. Versions may be written as their first digits."""
    from sluiceway.triggers.contracts import RunAsked

    opened = open_stage(stage)
    decided = ask(
        opened,
        RunAsked,
        find_project(opened.ledger, project),
        dataset_versions=dataset_versions(opened.ledger, dataset or ()),
        code_version=code_version(opened.ledger, project, code),
        parameters=parameters(param or ()),
        steps=tuple(step or ()),
        force=force,
        preview=preview,
    )
    if wait and decided.run_id:
        _follow(opened, decided.run_id, as_json=as_json)
    _tell(decided, as_json=as_json)


def _tell(decided: "EventRecord", *, as_json: bool) -> None:
    if as_json:
        print_json(decided.model_dump(mode="json", exclude={"cause", "situation"}))
        return
    typer.echo(plain(f"{decided.outcome}: {decided.reason}"))
    if decided.outcome == "unchanged":
        typer.echo("`--force` runs it once more")
    elif decided.run_id:
        typer.echo(f"`sluice watch {decided.run_id}` shows what becomes of it")


def _follow(stage: Stage, run_id: str, *, as_json: bool) -> None:
    """As `sluice watch` does."""
    from rich.console import Console

    from sluiceway.cli.progress import follow_run
    from sluiceway.cli.progress_view import show_progress

    last = show_progress(follow_run(stage, run_id), Console(stderr=as_json))
    if as_json:
        print_json(last.run.model_dump(mode="json"))
    raise typer.Exit(0 if last.run.status == "SUCCEEDED" else 1)
