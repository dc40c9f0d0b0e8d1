"""What the shell offers when one presses tab. Silent where the stage cannot be reached."""

import typer

from sluiceway.cli.stage import DEFAULT_STAGE, Stage, open_stage


def complete_run(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids of recent runs, each with its status."""
    stage = _stage(ctx)
    runs = stage.ledger.runs(limit=50) if stage else []
    return [(run.run_id, run.status) for run in runs if run.run_id.startswith(incomplete)]


def complete_project(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of projects."""
    stage = _stage(ctx)
    projects = stage.ledger.projects() if stage else []
    return [each.project for each in projects if each.project.startswith(incomplete)]


def complete_dataset(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of datasets."""
    stage = _stage(ctx)
    datasets = stage.ledger.datasets() if stage else []
    return [each.dataset for each in datasets if each.dataset.startswith(incomplete)]


def _stage(ctx: typer.Context) -> Stage | None:
    """The stage of the command line so far; None where it cannot be opened: tab must not print errors."""
    try:
        return open_stage(ctx.params.get("stage") or DEFAULT_STAGE)
    except Exception:
        return None
