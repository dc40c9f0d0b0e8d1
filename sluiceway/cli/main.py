"""The `sluice` command. What is slow to import is imported by the command that needs it."""

import typer

from sluiceway.cli import (
    data,
    deploy,
    events,
    export,
    github,
    invoke,
    ledger_lists,
    logs,
    models,
    push,
    redrive,
    replay,
    run,
    schedules,
    scores,
    validate,
    watch,
    why,
)
from sluiceway.cli.failures import SluiceGroup
from sluiceway.cli.on_demand import LocalGroup

app = typer.Typer(
    name="sluice",
    cls=SluiceGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Push data or code; get a trained, registered, deployed and watched model.",
    epilog="Credentials and region: as for AWS's own tools. Exit codes: 0 done, 1 failed, 2 wrong usage.",
)

app.add_typer(push.app, name="push")
app.add_typer(data.app, name="data")
for command in (
    validate.validate,
    run.run,
    ledger_lists.runs,
    watch.watch,
    why.why,
    schedules.schedules,
    events.events,
    replay.replay,
    redrive.redrive,
    logs.logs,
    models.models,
    scores.scores,
    deploy.deploy,
    deploy.approve,
    deploy.rollback,
    ledger_lists.deployments,
    ledger_lists.datasets,
    ledger_lists.endpoints,
    invoke.invoke,
    export.export,
    models.mlflow,
):
    app.command()(command)
app.add_typer(github.app, name="github")
app.add_typer(
    typer.Typer(cls=LocalGroup, no_args_is_help=True, help="Everything on this machine."), name="local"
)
