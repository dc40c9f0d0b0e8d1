"""`sluice push`: upload a project's code, or data. Uploading is all it does; events do the rest."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sluiceway.cli.completion import complete_dataset
from sluiceway.cli.listing import print_json
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.errors import InvalidDataset
from sluiceway.names import check_name, s3_uri

PARALLEL = 8
COMPLETE = "_SUCCESS"
"""An object of this name says that a dataset is complete: it settles at once."""
IGNORED_PREFIXES = (".", "_")
"""Hidden files, and marks like `_SUCCESS` that other tools left."""

app = typer.Typer(no_args_is_help=True, help="Upload code or data.")


@dataclass(frozen=True)
class LocalFile:
    """A file and where it goes."""

    path: Path
    key: str


@dataclass(frozen=True)
class PackedCode:
    """A project's code, ready to be uploaded."""

    project: str
    version: str
    archive: bytes


@app.command("code")
def push_code(
    folder: Annotated[Path, typer.Argument(help="the folder that holds MLproject and sluice.yaml")],
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Pack a project's folder and upload it, after the checks of `sluice validate`."""
    code = pack_code(folder)
    uri = upload_code(open_stage(stage), code)
    if as_json:
        print_json({"project": code.project, "code_version": code.version, "uri": uri})
    else:
        typer.echo(f"{code.project}: code {code.version[:12]} is at {uri}")
        typer.echo(f"`sluice watch {code.project}` shows what becomes of it")


def pack_code(folder: Path) -> PackedCode:
    """Check and pack a project's folder; raises `InvalidProject` or `InvalidUpload` with every problem."""
    from sluiceway.projects.archive import open_archive
    from sluiceway.projects.code_version import code_version
    from sluiceway.projects.pack import FolderTree, pack
    from sluiceway.projects.read_project import read_project, refuse_past

    tree = FolderTree(folder)
    project = read_project(tree)
    refuse_past(tree, project, now=datetime.now(UTC))
    archive = pack(folder)
    open_archive(archive)  # what would be refused there is refused here
    return PackedCode(project.config.project, code_version(tree), archive)


def upload_code(stage: Stage, code: PackedCode) -> str:
    """Upload a project's code; returns where it lies."""
    bucket, key = stage.settings.uploads_bucket, f"code/{code.project}/{code.version}.zip"
    stage.client("s3").put_object(Bucket=bucket, Key=key, Body=code.archive, ContentType="application/zip")
    return s3_uri(bucket, key)


@app.command("data")
def push_data(
    name: Annotated[str, typer.Argument(help="dataset", autocompletion=complete_dataset)],
    path: Annotated[Path, typer.Argument(help="a file, or a folder that is uploaded whole")],
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Upload a file or a folder into a dataset. A folder is complete with that, and settles at once."""
    opened = open_stage(stage)
    uris = upload_data(opened, name, path)
    if as_json:
        print_json({"dataset": name, "uris": uris})
    else:
        typer.echo(
            f"{name}: {len(uris)} object{'s' if len(uris) != 1 else ''} uploaded to {_root(opened, name)}"
        )


def upload_data(stage: Stage, name: str, path: Path) -> list[str]:
    """Upload a file, or a folder in parallel and then its `_SUCCESS`; returns where everything lies."""
    check_name(name, what="dataset")
    files = list(_files(name, path))
    if not files:
        raise InvalidDataset(
            f"{path}: there is nothing to upload (hidden files and those with _ are left out)"
        )
    stage.client("s3")  # Made before the threads start: making clients is not thread-safe.
    with ThreadPoolExecutor(PARALLEL) as pool:
        uris = list(pool.map(lambda file: _upload(stage, file), files))
    return [*uris, _declare_complete(stage, name)] if path.is_dir() else uris


def _files(name: str, path: Path) -> Iterator[LocalFile]:
    if path.is_file():
        yield LocalFile(path, f"data/{name}/{path.name}")
    elif path.is_dir():
        for found in sorted(path.rglob("*")):
            relative = found.relative_to(path)
            if found.is_file() and not any(part.startswith(IGNORED_PREFIXES) for part in relative.parts):
                yield LocalFile(found, f"data/{name}/{relative.as_posix()}")
    else:
        raise InvalidDataset(f"{path}: there is no such file or folder")


def _upload(stage: Stage, file: LocalFile) -> str:
    bucket = stage.settings.uploads_bucket
    extra = {"ChecksumAlgorithm": "SHA256"}
    stage.client("s3").upload_file(str(file.path), bucket, file.key, ExtraArgs=extra)
    return s3_uri(bucket, file.key)


def _declare_complete(stage: Stage, name: str) -> str:
    bucket, key = stage.settings.uploads_bucket, f"data/{name}/{COMPLETE}"
    stage.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    return s3_uri(bucket, key)


def _root(stage: Stage, name: str) -> str:
    return s3_uri(stage.settings.uploads_bucket, f"data/{name}/")
