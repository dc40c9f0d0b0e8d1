"""`sluice validate`: check a project's folder before it is pushed."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sluiceway.cli.listing import print_json
from sluiceway.cli.stage import JsonOption


def validate(
    folder: Annotated[Path, typer.Argument(help="the folder that holds MLproject and sluice.yaml")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Check MLproject and sluice.yaml; every problem names its file and line."""
    from sluiceway.projects.read_project import validate_directory

    problems = validate_directory(folder)
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            typer.echo(str(problem), err=True)
        for remark in () if problems else _remarks(folder):
            typer.echo(remark, err=True)
        typer.echo(_verdict(folder, len(problems)))
    raise typer.Exit(1 if problems else 0)


def _remarks(folder: Path) -> list[str]:
    from sluiceway.projects.pack import FolderTree
    from sluiceway.projects.read_project import read_project
    from sluiceway.projects.schedule_checks import remarks

    return list(remarks(read_project(FolderTree(folder)).config, now=datetime.now(UTC)))


def _verdict(folder: Path, problems: int) -> str:
    if problems:
        return f"{folder}: {problems} problem{'' if problems == 1 else 's'}"
    return f"{folder}: valid; `sluice push code {folder}` uploads it"
