"""`sluice local record` and `sluice local faults`: what was called, and what is to go wrong."""

import json
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from embedded import lifecycle
from embedded.hook import export, plan
from embedded.hook import faults as running
from embedded.hook import record as records
from embedded.hook.follow import follow as followed
from sluiceway.cli.local_options import AsJson, State

faults = typer.Typer(no_args_is_help=True, help="Make calls go wrong, as a plan says.")

_AGE = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def record(
    state: State = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is called now.")] = False,
    since: Annotated[str | None, typer.Option(help="A time (ISO 8601) or an age: 90s, 10m, 2h, 1d.")] = None,
    role: Annotated[str, typer.Option(help="Role, user, `root` or calling service; may be a glob.")] = "*",
    service: Annotated[str, typer.Option(help="As policies name it, `states`; may be a glob.")] = "*",
    operation: Annotated[str, typer.Option(help="`StartExecution`; may be a glob.")] = "*",
    denied: Annotated[bool, typer.Option("--denied", help="Only what IAM refused.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write a file instead: .parquet or .jsonl.")] = None,
) -> None:
    """Show every call that was made: when, by whom, what, on what, and how it ended."""
    folder = (state or lifecycle.default_folder()).resolve()
    wanted = records.Selection(_moment(since), role, service, operation, denied)
    with suppress(lifecycle.LifecycleError):  # The record can be read while the cloud is down.
        running.flush(folder)
    if out is not None:
        typer.echo(f"{export.write(records.read(folder, wanted), out)} calls written to {out}")
        return
    typer.echo(export.row(export.HEADINGS))
    _print([] if follow and since is None else records.read(folder, wanted))
    if follow:
        with suppress(KeyboardInterrupt):
            _print(followed(folder, wanted))


def _print(found: Iterable[records.Record]) -> None:
    for each in found:
        typer.echo(export.line(each))


def _moment(text: str | None) -> float:
    if text is None:
        return 0.0
    age = _AGE.fullmatch(text)
    if age:
        return time.time() - float(age[1]) * _SECONDS[age[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            "neither a time (2026-01-31T12:00) nor an age (10m)", param_hint="--since"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@faults.command()
def apply(
    path: Annotated[Path, typer.Argument(metavar="PLAN", help="YAML.", exists=True, dir_okay=False)],
    state: State = None,
) -> None:
    """Put a plan in force, in place of the one before."""
    found = plan.load(path)
    running.apply(state, found)
    typer.echo(f"in force: {', '.join(each.name for each in found.faults) or 'an empty plan'}")


@faults.command()
def show(state: State = None, as_json: AsJson = False) -> None:
    """Show the plan in force: how many calls each entry matched, and into how many it was injected."""
    _show(running.show(state), as_json)


@faults.command()
def clear(state: State = None, as_json: AsJson = False) -> None:
    """Take the plan out of force; exit code 1 where an entry matched no call."""
    found = running.clear(state)
    _show(found, as_json)
    raise typer.Exit(1 if found.unused else 0)


def _show(found: running.Status, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(found) | {"unused": list(found.unused)}))
        return
    if not found.is_active:
        typer.echo("no plan is in force")
    for each in found.outcomes:
        typer.echo(f"{each.injected:6} injected of {each.matched:6} matched  {each.action:12} {each.name}")
    if found.unused:
        typer.echo(f"matched no call, most likely a mistake: {', '.join(found.unused)}", err=True)
