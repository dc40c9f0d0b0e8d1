"""`sluice github`: connect a stage to repositories, and show how it is connected."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sluiceway.cli.listing import print_json
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.errors import PermanentError

if TYPE_CHECKING:
    from sluiceway.github.connect import Connected, Registry
    from sluiceway.github.settings import GitHubSettings

EVENTS = "pushes, pull requests, issue comments, releases, workflow and repository dispatches"
LARGEST_FILE = 32 * 1024

app = typer.Typer(no_args_is_help=True, help="Connect the stage to GitHub.")
RepositoryArgument = Annotated[str, typer.Argument(help="OWNER/NAME", show_default=False)]


@app.command("connect")
def connect(  # noqa: PLR0913, PLR0917 - each is an option of the command
    repository: RepositoryArgument,
    branch: Annotated[list[str] | None, typer.Option(help="a branch to follow; may be repeated")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="of the REST API; GitHub Enterprise: https://HOST/api/v3")
    ] = None,
    token_file: Annotated[
        str | None, typer.Option(help="file with a fine-grained token, or - for standard input")
    ] = None,
    app_id: Annotated[int | None, typer.Option(help="of a GitHub App, in place of a token")] = None,
    private_key_file: Annotated[str | None, typer.Option(help="the App's private key (PEM)")] = None,
    hook_id: Annotated[
        int | None, typer.Option(help="of the repository's webhook, to find lost ones")
    ] = None,
    allow_fork: Annotated[
        list[str] | None, typer.Option(help="OWNER/NAME of a fork whose pull requests are run; repeatable")
    ] = None,
    new_secret: Annotated[bool, typer.Option("--new-secret", help="replace the webhook secret")] = False,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Take pushes to some branches of a repository, and its pull requests. Repeat it to change things."""
    from sluiceway.github.connect import Wanted
    from sluiceway.github.connect import connect as make

    opened = open_stage(stage)
    wanted = Wanted(
        repository=repository,
        branches=tuple(branch or ()),
        base_url=base_url,
        token=_file(token_file),
        app_id=app_id,
        private_key=_file(private_key_file),
        hook_id=hook_id,
        allowed_forks=tuple(allow_fork or ()),
        new_webhook_secret=new_secret,
    )
    _show(opened, make(wanted, registry(opened)), as_json=as_json)


@app.command("disconnect")
def disconnect(repository: RepositoryArgument, stage: StageOption = DEFAULT_STAGE) -> None:
    """Take nothing from a repository any more. What came of it stays."""
    from sluiceway.github.connect import disconnect as take_away

    take_away(repository, registry(open_stage(stage)))
    typer.echo(f"{repository} is not connected any more; delete its webhook in GitHub")


@app.command("status")
def status(as_json: JsonOption = False, stage: StageOption = DEFAULT_STAGE) -> None:
    """How the stage is connected; nothing secret is shown."""
    opened = open_stage(stage)
    settings = registry(opened).settings()
    if settings is None:
        raise PermanentError(
            f"stage {stage!r} is not connected to GitHub: `sluice github connect OWNER/NAME`"
        )
    if as_json:
        print_json(_told(opened, settings))
        return
    typer.echo(f"GitHub   {settings.base_url}\nwebhook  {webhook_url(opened)}")
    for name, each in settings.repositories.items():
        hook = f", hook {each.hook_id}" if each.hook_id else ""
        typer.echo(f"{name}  {', '.join(each.branches)}{hook}")
    if settings.allowed_forks:
        typer.echo(f"forks that are run  {', '.join(settings.allowed_forks)}")


def registry(stage: Stage) -> "Registry":
    """Where the stage's connection is kept."""
    from sluiceway.gateways.parameters import SsmParameters
    from sluiceway.gateways.secrets import AwsSecrets
    from sluiceway.github.connect import Registry

    return Registry(
        stage=stage.settings.stage,
        parameters=SsmParameters(stage.client("ssm")),
        secrets=AwsSecrets(stage.client("secretsmanager")),
    )


def webhook_url(stage: Stage) -> str:
    """Where GitHub delivers to."""
    if not stage.settings.webhook_url:
        raise PermanentError("this stage receives no webhooks: deploy it again with this version")
    return f"{stage.settings.webhook_url}github"


def _show(stage: Stage, connected: "Connected", *, as_json: bool) -> None:
    url, secret = webhook_url(stage), connected.webhook_secret
    if as_json:
        print_json(_told(stage, connected.settings) | ({"webhook_secret": secret} if secret else {}))
        return
    typer.echo("Enter in GitHub (repository or App: Settings, Webhooks):")
    typer.echo(f"  Payload URL   {url}\n  Content type  application/json")
    typer.echo(f"  Secret        {secret or 'as before (--new-secret makes another)'}")
    typer.echo(f"  Events        {EVENTS}")
    if secret:
        typer.echo("The secret is not shown again.")


def _told(stage: Stage, settings: "GitHubSettings") -> dict[str, Any]:
    return {"webhook_url": webhook_url(stage), **settings.model_dump(mode="json")}


def _file(name: str | None) -> str | None:
    """What a file holds, without white space around it; `-` is standard input."""
    if name is None:
        return None
    try:
        text = sys.stdin.read(LARGEST_FILE) if name == "-" else _beginning(Path(name))
    except OSError as error:
        raise PermanentError(f"{name}: {(error.strerror or 'it cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise PermanentError(f"{name}: this is no text") from None
    if not text.strip():
        raise PermanentError(f"{name}: there is nothing in it")
    return text.strip()


def _beginning(path: Path) -> str:
    """Also of a pipe, as in `--token-file <(pass show github)`."""
    with path.open(encoding="utf-8") as file:
        return file.read(LARGEST_FILE)
