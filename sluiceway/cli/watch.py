"""`sluice watch`: see a run through to its end."""

from typing import Annotated

import typer

from sluiceway.cli.completion import complete_run
from sluiceway.cli.finding import find_run
from sluiceway.cli.listing import print_json
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, StageOption, open_stage


def watch(
    run: Annotated[
        str | None,
        typer.Argument(help="run, project, or none for the latest run", autocompletion=complete_run),
    ] = None,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Show a run as it goes: which state, how long, the last log line. Exit code 0 if it succeeds, else 1."""
    from rich.console import Console

    from sluiceway.cli.progress import follow_run
    from sluiceway.cli.progress_view import show_progress

    opened = open_stage(stage)
    run_id = find_run(opened.ledger, run).run_id
    last = show_progress(follow_run(opened, run_id), Console(stderr=as_json))
    if as_json:
        print_json(last.run.model_dump(mode="json"))
    raise typer.Exit(0 if last.run.status == "SUCCEEDED" else 1)
