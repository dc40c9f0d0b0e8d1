"""Challenger and champion are scored on the same rows, by the code that serves them."""

import json
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from containers.trainer.evaluate import evaluate
from sluiceway.errors import InvalidDataset, InvalidModel, InvalidProject
from sluiceway.training.contracts import Candidate, EvaluationJob
from tests.fakes.objects import MemoryObjects

HOLDOUT = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 2.9, 0.1], "note": list("abcdef"), "y": [0, 0, 1, 1, 1, 0]})
JOB = "s3://artifacts/runs/pp-1/evaluation/tag.json"


def stored(folder: Path | None, holdout: pd.DataFrame = HOLDOUT, target: str = "y") -> MemoryObjects:
    """Buckets with a job, held-out rows and, at m/1 and m/2, the model of a folder."""
    objects, packed = MemoryObjects(), BytesIO()
    holdout.to_parquet(packed)
    objects.put("artifacts", "holdout.parquet", packed.getvalue())
    for path in folder.iterdir() if folder else ():
        for prefix in ("m/1", "m/2"):
            objects.put("artifacts", f"{prefix}/{path.name}", path.read_bytes())
    job = EvaluationJob(
        run_id="pp-1",
        holdout_uri="s3://artifacts/holdout.parquet",
        target=target,
        prediction=None,
        metrics=("roc_auc", "brier"),
        candidates=(
            Candidate(role="challenger", artifact_uri="s3://artifacts/m/1"),
            Candidate(role="champion", artifact_uri="s3://artifacts/m/2", model_version="3"),
        ),
    )
    objects.put("artifacts", "runs/pp-1/evaluation/tag.json", job.model_dump_json().encode())
    return objects


def test_every_candidate_is_scored_and_shows_a_sample(model_folder: Path) -> None:
    """The same model twice: the same scores, and the answer that the server would give."""
    objects = stored(model_folder)
    result = evaluate(JOB, objects)
    challenger, champion = result.scores
    assert challenger.metrics == champion.metrics
    assert (champion.role, champion.model_version, champion.rows) == ("champion", "3", 6)
    assert challenger.metrics["roc_auc"] == 1.0
    request = json.loads(challenger.sample_request)["dataframe_split"]
    assert (request["columns"], len(request["data"])) == (["x"], 5)
    assert len(json.loads(challenger.sample_response)["predictions"]) == 5
    assert evaluate(JOB, objects) == result
    assert objects.exists("artifacts", "runs/pp-1/evaluation/tag/result.json")


def test_a_challenger_that_does_not_load_is_named(model_folder: Path) -> None:
    """By its place in S3, not by a temporary folder."""
    objects = stored(model_folder)
    objects.put("artifacts", "m/1/model.skops", b"broken")
    with pytest.raises(InvalidModel, match=r"the challenger at s3://artifacts/m/1: .*cannot be loaded"):
        evaluate(JOB, objects)


def test_a_champion_that_does_not_load_has_no_metrics(model_folder: Path) -> None:
    """It must not block its successors."""
    objects = stored(model_folder)
    objects.put("artifacts", "m/2/model.skops", b"broken")
    challenger, champion = evaluate(JOB, objects).scores
    assert challenger.metrics["roc_auc"] == 1.0
    assert champion.metrics == {"roc_auc": None, "brier": None}


def test_a_model_that_is_not_there_is_named() -> None:
    """Nothing lies under its prefix."""
    with pytest.raises(InvalidModel, match="there is no model at s3://artifacts/m/1"):
        evaluate(JOB, stored(None))


def test_held_out_rows_that_the_model_does_not_take_are_explained(model_folder: Path) -> None:
    """By column."""
    objects = stored(model_folder, HOLDOUT.rename(columns={"x": "z"}))
    with pytest.raises(InvalidModel, match=r"does not take the held-out rows: column 'x' is missing"):
        evaluate(JOB, objects)


def test_a_wrong_target_points_at_sluice_yaml(model_folder: Path) -> None:
    """It lists the columns that there are."""
    with pytest.raises(InvalidProject, match=r"evaluate\.target 'late' .* x, note, y"):
        evaluate(JOB, stored(model_folder, target="late"))


def test_no_held_out_rows_are_no_comparison(model_folder: Path) -> None:
    """An empty file."""
    with pytest.raises(InvalidDataset, match="holds no rows"):
        evaluate(JOB, stored(model_folder, HOLDOUT.head(0)))
