"""A champion that cannot be scored never blocks its successors; a challenger that cannot is refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pytest

from containers.trainer.evaluate import _score
from containers.trainer.scoring import Holdout
from sluiceway.errors import InvalidModel
from sluiceway.training.contracts import Candidate, EvaluationJob, Score
from tests.fakes.objects import MemoryObjects


def test_a_champion_that_is_gone_has_no_metrics(tmp_path: Path) -> None:
    """The gate then asks for the thresholds alone."""
    scored = _scored("champion", tmp_path)
    assert (scored.metrics, scored.model_version, scored.rows) == ({"roc_auc": None}, "3", 2)


def test_a_challenger_that_is_gone_fails_the_evaluation(tmp_path: Path) -> None:
    """There is nothing to register."""
    with pytest.raises(InvalidModel, match="no model"):
        _scored("challenger", tmp_path)


def _scored(role: Literal["challenger", "champion"], folder: Path) -> Score:
    candidate = Candidate(role=role, artifact_uri="s3://artifacts/gone", model_version="3")
    job = EvaluationJob(
        run_id="r",
        holdout_uri="s3://artifacts/holdout.parquet",
        target="late",
        prediction=None,
        metrics=("roc_auc",),
        candidates=(candidate,),
    )
    holdout = Holdout(pa.table({"hour": [1.0, 2.0]}), np.array([0, 1]))
    with ThreadPoolExecutor(1) as pool:
        return _score(candidate, folder / "0", job, holdout, objects=MemoryObjects(), pool=pool)
