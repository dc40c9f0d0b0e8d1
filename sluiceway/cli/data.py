"""`sluice data`: versions of datasets, what changed between them, and their files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.completion import complete_dataset
from sluiceway.cli.data_rows import DIFF_COLUMNS, LOG_COLUMNS, DiffRow, diff_rows, log_row
from sluiceway.cli.data_versions import find_dataset, find_version
from sluiceway.cli.ledger_lists import datasets
from sluiceway.cli.listing import print_json, show
from sluiceway.cli.query import query
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage

if TYPE_CHECKING:
    from sluiceway.datasets.contracts import Manifest
    from sluiceway.gateways.records import DatasetPointer

VERSION_HELP = "NAME@VERSION, NAME@ and the first digits of it, or NAME for the latest"
VersionArgument = Annotated[str, typer.Argument(help=VERSION_HELP, autocompletion=complete_dataset)]

app = typer.Typer(no_args_is_help=True, help="Versions of datasets, their differences, and their files.")
app.command("list")(datasets)
app.command()(query)


@app.command("log")
def data_log(
    name: Annotated[str, typer.Argument(help="dataset", autocompletion=complete_dataset)],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="at most so many")] = 20,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Show what the latest version was, newest first: what changed against the one before, and after what."""
    ledger = open_stage(stage).ledger
    find_dataset(ledger, name)
    rows = [log_row(pointer, ledger) for pointer in ledger.dataset_log(name)[:limit]]
    show(rows, LOG_COLUMNS, as_json=as_json, empty="no versions yet")


@app.command("diff")
def data_diff(
    a: VersionArgument, b: VersionArgument, as_json: JsonOption = False, stage: StageOption = DEFAULT_STAGE
) -> None:
    """Show which files differ between two versions: + added, ~ changed, - removed from A to B."""
    opened = open_stage(stage)
    first, second = (_manifest(opened, find_version(opened.ledger, word)) for word in (a, b))
    rows: list[DiffRow] = diff_rows(first, second)
    show(rows, DIFF_COLUMNS, as_json=as_json, empty="the same files")


@app.command("pull")
def data_pull(
    version: VersionArgument,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="default: a folder of the dataset's name")
    ] = None,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Fetch the files of a version, in parallel, each checked. Asked again it goes on where it was."""
    from sluiceway.datasets.pull_version import extra_files, pull_version
    from sluiceway.gateways.objects import S3Objects

    opened = open_stage(stage)
    pointer = find_version(opened.ledger, version)
    manifest, into = _manifest(opened, pointer), folder or Path(pointer.dataset)
    pulled = list(pull_version(manifest, into, S3Objects(opened.client("s3"))))
    fetched = [each for each in pulled if each.fetched]
    extra = extra_files(manifest, into)
    if extra:
        typer.echo(f"{len(extra)} other files lie in {into}, and stay", err=True)
    if as_json:
        told = {"dataset": pointer.dataset, "version": pointer.version, "folder": str(into)}
        print_json(told | {"files": len(pulled), "fetched": len(fetched), "extra": extra})
    else:
        size = sum(each.size for each in fetched) / 1e6
        typer.echo(
            f"{pointer.dataset}@{pointer.version[:12]}: {len(pulled)} files in {into}, "
            f"{len(fetched)} fetched ({size:.1f} MB)"
        )


def _manifest(stage: Stage, pointer: "DatasetPointer") -> "Manifest":
    from sluiceway.datasets.contracts import Manifest
    from sluiceway.gateways.objects import S3Objects, read_contract

    return read_contract(S3Objects(stage.client("s3")), pointer.uri, Manifest)
