"""`sluice local snapshot | restore | snapshots`: copies of the embedded cloud's whole state."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from embedded import snapshots as kept
from sluiceway.cli.local_options import AsJson, State


def snapshot(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it into one file as well (tar.gz).")
    ] = None,
    state: State = None,
) -> None:
    """Keep a copy of the whole state, of a running cloud too: what a kill at that moment would have left."""
    kept.take(name, state, out=out)
    typer.echo(f"{name} is kept: `sluice local restore {name}` brings it back")


def restore(
    name: Annotated[str, typer.Argument(help="A snapshot's name, or the file that --out wrote.")],
    state: State = None,
) -> None:
    """Put a snapshot in place of the state; a cloud that runs is stopped, and started again."""
    kept.restore(name, state)
    typer.echo(f"the state is that of {name}")


def snapshots(
    delete: Annotated[str | None, typer.Option("--delete", metavar="NAME", help="Remove this one.")] = None,
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """List the snapshots, or remove one."""
    if delete is not None:
        kept.delete(delete, state)
        return
    found = kept.snapshots(state)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
        return
    for each in found:
        typer.echo(f"{datetime.fromtimestamp(each.taken, UTC):%Y-%m-%d %H:%M:%S} UTC  {each.name}")
