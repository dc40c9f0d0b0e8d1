"""How challenger and champion did."""

import json

from typer.testing import CliRunner

from sluiceway.cli.main import app
from sluiceway.models.contracts import EvaluationPlan, PlannedCandidate
from sluiceway.training.contracts import Candidate, EvaluationResult, Score


def score(role: str, value: float) -> Score:
    return Score(
        role=role,
        model_version=None,
        metrics={"roc_auc": value},
        rows=10,
        sample_request="{}",
        sample_response="{}",
    )


def test_scores_of_candidates_with_different_images_are_put_together(fake, claim):
    """Each image is scored by a job of its own, which leaves a result of its own."""
    claim("flights-1", model_version="2")
    plan, results = [], {"new": score("challenger", 0.7), "old": score("champion", 0.6)}
    for tag, found in results.items():
        result = EvaluationResult(run_id="flights-1", holdout_sha256="0" * 64, scores=(found,))
        key = f"runs/flights-1/evaluation/{tag}/result.json"
        fake.s3.objects["artifacts", key] = result.model_dump_json().encode()
        candidate = Candidate(role=found.role, artifact_uri="s3://a/b")
        plan.append(PlannedCandidate(candidate=candidate, image_tag=tag))
    planned = EvaluationPlan(candidates=tuple(plan)).model_dump_json().encode()
    fake.s3.objects["artifacts", "runs/flights-1/evaluation/candidates.json"] = planned
    shown = json.loads(CliRunner().invoke(app, ["scores", "flights", "--json"]).stdout)
    assert [(each["role"], each["metrics"]["roc_auc"]) for each in shown] == [
        ("challenger", 0.7),
        ("champion", 0.6),
    ]


def test_a_run_without_a_model_has_no_scores(fake, claim):
    """It says where to look instead."""
    claim("flights-1")
    result = CliRunner().invoke(app, ["scores", "flights-1"])
    assert (result.exit_code, "sluice watch flights-1" in result.stderr) == (1, True)
