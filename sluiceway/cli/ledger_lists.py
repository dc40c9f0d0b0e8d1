"""`sluice runs`, `deployments`, `endpoints`, `datasets`: what the ledger remembers."""

from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.completion import complete_project
from sluiceway.cli.listing import STATUS_STYLES, Column, ago, short, show
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, StageOption, open_stage

if TYPE_CHECKING:
    from sluiceway.gateways.records import DatasetPointer, DeploymentRecord, EndpointRecord, RunRecord

ProjectOption = Annotated[
    str | None, typer.Option("--project", "-p", help="only of this project", autocompletion=complete_project)
]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="at most so many")]

RUN_COLUMNS: "tuple[Column[RunRecord], ...]" = (
    Column("run", lambda run: run.run_id),
    Column("status", lambda run: run.status, style=lambda run: STATUS_STYLES.get(run.status, "")),
    Column("trigger", lambda run: run.trigger, detail=True),
    Column("requested", lambda run: ago(run.requested_at)),
    Column("code", lambda run: short(run.code_version), detail=True),
    Column("data", lambda run: _versions(run.dataset_versions), detail=True),
    Column("model", lambda run: run.model_version),
    Column("reason", lambda run: run.reason, folds=True),
)
DEPLOYMENT_COLUMNS: "tuple[Column[DeploymentRecord], ...]" = (
    Column("deployment", lambda each: each.deployment_id),
    Column("status", lambda each: each.status, style=lambda each: STATUS_STYLES.get(each.status, "")),
    Column("endpoint", lambda each: each.endpoint, detail=True),
    Column("model", lambda each: each.model_version),
    Column("started", lambda each: ago(each.started_at)),
    Column("reason", lambda each: each.reason, folds=True),
)
ENDPOINT_COLUMNS: "tuple[Column[EndpointRecord], ...]" = (
    Column("project", lambda each: each.project),
    Column("endpoint", lambda each: each.endpoint),
    Column("model", lambda each: each.model_version),
    Column("run", lambda each: each.run_id),
    Column("live since", lambda each: ago(each.moved_at)),
)
DATASET_COLUMNS: "tuple[Column[DatasetPointer], ...]" = (
    Column("dataset", lambda each: each.dataset),
    Column("version", lambda each: short(each.version)),
    Column("objects", lambda each: str(each.objects)),
    Column("MB", lambda each: f"{each.bytes / 1e6:.1f}"),
    Column("settled", lambda each: ago(each.moved_at)),
)


def runs(
    project: ProjectOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """List runs, newest first."""
    found = open_stage(stage).ledger.runs(project, limit=limit)
    show(
        found,
        RUN_COLUMNS,
        as_json=as_json,
        empty="no runs yet: `sluice push code` and `sluice push data` start one",
    )


def deployments(
    project: ProjectOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """List deployments, newest first: what was in production, and when."""
    found = open_stage(stage).ledger.deployments(project, limit=limit)
    show(found, DEPLOYMENT_COLUMNS, as_json=as_json, empty="no deployments yet")


def endpoints(as_json: JsonOption = False, stage: StageOption = DEFAULT_STAGE) -> None:
    """List endpoints, and the model version that each serves."""
    found = open_stage(stage).ledger.endpoints()
    show(
        found,
        ENDPOINT_COLUMNS,
        as_json=as_json,
        empty="no endpoints yet: a run that passes its gate makes one",
    )


def datasets(as_json: JsonOption = False, stage: StageOption = DEFAULT_STAGE) -> None:
    """List datasets, and the latest version of each."""
    found = open_stage(stage).ledger.datasets()
    show(
        found,
        DATASET_COLUMNS,
        as_json=as_json,
        empty="no datasets yet: `sluice push data NAME PATH` makes one",
    )


def _versions(versions: dict[str, str]) -> str:
    return " ".join(f"{name}@{short(version)}" for name, version in versions.items())
