"""`sluice scores`: how challenger and champion did on the same held-out rows."""

from typing import TYPE_CHECKING, Annotated

import typer

from sluiceway.cli.completion import complete_run
from sluiceway.cli.finding import find_run
from sluiceway.cli.listing import Column, show
from sluiceway.cli.stage import DEFAULT_STAGE, JsonOption, Stage, StageOption, open_stage
from sluiceway.errors import NotFound
from sluiceway.names import run_key

if TYPE_CHECKING:
    from sluiceway.gateways.records import RunRecord
    from sluiceway.training.contracts import Score

FIXED: "tuple[Column[Score], ...]" = (
    Column("model", lambda score: score.role),
    Column("version", lambda score: score.model_version),
    Column("rows", lambda score: f"{score.rows:,}"),
)


def scores(
    run: Annotated[
        str | None,
        typer.Argument(help="run, project, or none for the latest run", autocompletion=complete_run),
    ] = None,
    as_json: JsonOption = False,
    stage: StageOption = DEFAULT_STAGE,
) -> None:
    """Show how a run's model and the one that was live did on the same held-out rows."""
    opened = open_stage(stage)
    found = read_scores(opened, find_run(opened.ledger, run))
    names = sorted({name for score in found for name in score.metrics})
    show(found, [*FIXED, *map(_column, names)], as_json=as_json, empty="nothing was scored")


def read_scores(stage: Stage, run: "RunRecord") -> "list[Score]":
    """Read the scores of a run, the challenger's first; raises `NotFound` where it was not evaluated."""
    from sluiceway.models.contracts import EvaluationPlan
    from sluiceway.training.contracts import EvaluationResult

    if run.model_version is None and run.gate is None:
        raise NotFound(
            f"run {run.run_id} was not evaluated: `sluice watch {run.run_id}` says how far it came"
        )
    planned = EvaluationPlan.model_validate_json(_read(stage, run.run_id, "candidates.json"))
    tags = dict.fromkeys(candidate.image_tag for candidate in planned.candidates)
    texts = [_read(stage, run.run_id, tag, "result.json") for tag in tags]
    results = [EvaluationResult.model_validate_json(text) for text in texts]
    found = [score for result in results for score in result.scores]
    return sorted(found, key=lambda score: score.role != "challenger")


def _read(stage: Stage, run_id: str, *parts: str) -> bytes:
    from sluiceway.gateways.objects import S3Objects

    key = run_key(run_id, "evaluation", *parts)
    return S3Objects(stage.client("s3")).get(stage.settings.artifacts_bucket, key)


def _column(name: str) -> "Column[Score]":
    return Column(name, lambda score: _text(score.metrics.get(name)))


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"
