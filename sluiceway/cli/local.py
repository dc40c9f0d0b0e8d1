"""`sluice local`: the embedded cloud, the whole template on this machine."""

import json
import os
import shlex
from collections import deque
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer

from embedded import deployment, lifecycle, session
from sluiceway.cli import local_hook, local_snapshots
from sluiceway.cli.local_options import AsJson, State

app = typer.Typer(
    no_args_is_help=True, help="The embedded cloud: AWS's services as processes on this machine."
)

app.command()(local_hook.record)
app.add_typer(local_hook.faults, name="faults")
for command in (local_snapshots.snapshot, local_snapshots.restore, local_snapshots.snapshots):
    app.command()(command)


@app.command()
def up(
    state: State = None,
    deploy: Annotated[bool, typer.Option("--deploy", help="Deploy the stacks, too.")] = False,
) -> None:
    """Start the cloud and its MLflow server, whose clients wait until it is ready."""
    status = lifecycle.up(state)
    if deploy:
        deployment.deploy(state)
    typer.echo(f"AWS     {status.endpoint_url}\nMLflow  {status.tracking_uri}")
    typer.echo('To use it from this shell:  eval "$(sluice local env)"')


@app.command()
def down(state: State = None) -> None:
    """Save the cloud's state and end every process of it."""
    lifecycle.down(state)


@app.command()
def status(state: State = None, as_json: AsJson = False) -> None:
    """Say whether it runs, where, and what runs in it; exit code 1 where it does not."""
    found = lifecycle.status(state)
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str))
    elif found.is_up:
        typer.echo(f"up, process {found.server_pid}\nAWS     {found.endpoint_url}")
        tracking = (
            found.tracking_uri if found.is_tracking_up else f"{found.tracking_uri} (does not answer yet)"
        )
        typer.echo(f"MLflow  {tracking}\nState   {found.state_dir}")
        typer.echo("\n".join(f"  {command[:100]}" for command in found.processes))
    else:
        typer.echo(f"not running (state: {found.state_dir})")
    raise typer.Exit(0 if found.is_up else 1)


@app.command()
def env(state: State = None, as_json: AsJson = False) -> None:
    """Print what a shell needs to use it, as the operator of the stage `local`."""
    variables = session.variables(state)
    if as_json:
        typer.echo(json.dumps(variables))
        return
    for key in {"AWS_PROFILE", "AWS_SESSION_TOKEN"} - variables.keys():
        typer.echo(f"unset {key}")
    for key, value in variables.items():
        typer.echo(f"export {key}={shlex.quote(value)}")


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="cloud or mlflow")] = "cloud",
    state: State = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f")] = False,
) -> None:
    """Show the end of a log."""
    paths = lifecycle.log_paths(state)
    if name not in paths:
        raise typer.BadParameter(f"there are: {', '.join(paths)}", param_hint="NAME")
    if not paths[name].exists():
        raise lifecycle.LifecycleError(f"{paths[name]} does not exist: run `sluice local up`")
    if follow:
        with suppress(KeyboardInterrupt):
            os.execvp("tail", ["tail", "-n", str(lines), "-F", str(paths[name])])  # noqa: S606, S607
    with paths[name].open(errors="replace") as log:
        typer.echo("".join(deque(log, maxlen=lines)), nl=False)
