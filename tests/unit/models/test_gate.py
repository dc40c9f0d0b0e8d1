"""The rule that lets a model through."""

import pytest

from sluiceway.errors import InvalidModel
from sluiceway.models.gate import decide
from sluiceway.models.scores import Scores, gather
from sluiceway.projects.contracts import Gate
from tests.fakes.run_world import result_of, score


@pytest.mark.parametrize(
    ("gate", "passes"),
    [
        (Gate(metric="roc_auc", minimum=0.7), True),
        (Gate(metric="roc_auc", minimum=0.71), False),
        (Gate(metric="log_loss", maximum=0.5), True),
        (Gate(metric="log_loss", maximum=0.49), False),
        (Gate(metric="roc_auc", minimum=0.1, maximum=0.6), False),
    ],
)
def test_thresholds_hold_with_equality(gate: Gate, passes: bool) -> None:
    """At least, at most; all of them."""
    assert decide(gate, Scores(score("challenger", 0.7), None)).passed is passes


@pytest.mark.parametrize(
    ("metric", "margin", "champion", "passes"),
    [
        ("roc_auc", 0.0, 0.7, True),
        ("roc_auc", 0.01, 0.7, False),
        ("roc_auc", -0.02, 0.71, True),
        ("roc_auc", -0.02, 0.73, False),
        ("log_loss", 0.0, 0.6, True),
        ("log_loss", 0.0, 0.4, False),
        ("log_loss", -0.2, 0.4, True),
    ],
)
def test_the_champion_must_be_met_in_the_metrics_own_direction(
    metric: str, margin: float, champion: float, passes: bool
) -> None:
    """Of losses less is better; a negative margin says how much worse is still fine."""
    best = score("champion", champion, log_loss=champion, version="1")
    gate = Gate.model_validate({"metric": metric, "margin": margin})
    assert decide(gate, Scores(score("challenger", 0.7, log_loss=0.5), best)).passed is passes


def test_a_refusal_names_metric_value_and_bound() -> None:
    """A person must see why, and only why not."""
    gate = Gate(metric="roc_auc", minimum=0.6, margin=0.1)
    decision = decide(gate, Scores(score("challenger", 0.7), score("champion", 0.65, version="4")))
    assert decision.reason == "roc_auc 0.7 misses champion 4's 0.65 by a margin of 0.1"


def test_nan_is_a_failure_and_names_the_metric() -> None:
    """No gate is asked about a model that does not predict numbers."""
    with pytest.raises(InvalidModel, match="log_loss"):
        decide(Gate(metric="roc_auc"), Scores(score("challenger", 0.7, log_loss=None), None))


def test_a_champion_that_cannot_be_scored_cannot_block() -> None:
    """Its features may have gone: thresholds still hold."""
    decision = decide(
        Gate(metric="roc_auc", minimum=0.6), Scores(score("challenger", 0.7), score("champion", None))
    )
    assert decision.passed
    assert "at least 0.6" in decision.reason


def test_scores_on_other_rows_are_not_compared() -> None:
    """The hash of the held-out rows tells."""
    results = [result_of(score("challenger", 0.7)), result_of(score("champion", 0.6), holdout="0" * 64)]
    with pytest.raises(InvalidModel, match="different rows"):
        gather(results)
