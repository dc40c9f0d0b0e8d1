"""`sluice models` and `sluice mlflow`: what the registry holds, and where to look at it."""

from typing import Annotated, Any

import typer

from sluiceway.cli.completion import complete_project
from sluiceway.cli.listing import Column, show
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.contract import Contract
from sluiceway.names import check_name

RUN_TAG = "sluiceway.run_id"
SCORE_TAG = "sluiceway.metric."
"""Tags that `register_model` gives to a version."""


class ModelRow(Contract):
    """One version of a registered model."""

    project: str
    version: str
    aliases: tuple[str, ...]
    run_id: str
    """The run of this platform that made it, where it did."""
    source: str
    tags: dict[str, str]

    @property
    def scores(self) -> str:
        """What it reached on the held-out rows when it was registered."""
        found = [(key.removeprefix(SCORE_TAG), value) for key, value in self.tags.items() if SCORE_TAG in key]
        return "  ".join(f"{name} {value[:6]}" for name, value in sorted(found))


COLUMNS: tuple[Column[ModelRow], ...] = (
    Column("project", lambda row: row.project),
    Column("version", lambda row: row.version),
    Column("aliases", lambda row: " ".join(row.aliases), style=lambda _: "green"),
    Column("run", lambda row: row.run_id),
    Column("scores", lambda row: row.scores, folds=True),
)


def models(
    project: Annotated[str | None, typer.Argument(autocompletion=complete_project)] = None,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """List registered model versions, newest first."""
    rows = registered(open_stage(stage), project)
    show(rows, COLUMNS, as_json=as_json, empty="no models yet: a run registers one when its steps are done")


def registered(stage: Stage, project: str | None) -> list[ModelRow]:
    """Versions of a project's model, or of all, newest first."""
    from sluiceway.gateways.mlflow_rest import MlflowRest

    rest = MlflowRest(stage.settings.tracking_uri)
    query = {"filter": f"name = '{check_name(project, what='project')}'"} if project else {}
    found = rest.get("registered-models/search", **query).get("registered_models", [])
    rows = [row for model in found for row in _versions(rest, model)]
    return sorted(rows, key=lambda row: (row.project, -int(row.version)))


def _versions(rest: Any, model: dict[str, Any]) -> list[ModelRow]:
    aliases = [(each["alias"], str(each["version"])) for each in model.get("aliases", [])]
    found = rest.get("model-versions/search", filter=f"name = '{model['name']}'", max_results="200")
    return [_row(each, aliases) for each in found.get("model_versions", [])]


def _row(version: dict[str, Any], aliases: list[tuple[str, str]]) -> ModelRow:
    number = str(version["version"])
    tags = {tag["key"]: str(tag.get("value", "")) for tag in version.get("tags", [])}
    return ModelRow(
        project=version["name"],
        version=number,
        aliases=tuple(alias for alias, of in aliases if of == number),
        run_id=tags.get(RUN_TAG, ""),
        source=version.get("source", ""),
        tags=tags,
    )


def mlflow(
    open_it: Annotated[bool, typer.Option("--open", help="open it in the browser")] = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Print where MLflow is; with --open, open it."""
    uri = browser_url(open_stage(stage))
    typer.echo(uri)
    if open_it:
        typer.launch(uri)


def browser_url(stage: Stage) -> str:
    """The URL of a server, or a presigned one of a managed app (it works once, within five minutes)."""
    uri = stage.settings.tracking_uri
    if not uri.startswith("arn:"):
        return uri
    return str(stage.client("sagemaker").create_presigned_mlflow_app_url(Arn=uri)["AuthorizedUrl"])
