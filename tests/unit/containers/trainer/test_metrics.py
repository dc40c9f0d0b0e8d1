"""Metrics by name; what has no value is None."""

import numpy as np
import pytest

from containers.trainer.metrics import measure
from sluiceway.errors import InvalidModel

TRUTH = np.array([0, 1, 1, 0])
PROBABILITY = np.array([0.1, 0.9, 0.8, 0.6])


def test_probabilities_are_scored_as_such_and_as_classes() -> None:
    """A probability of a half or more counts as the positive class."""
    scores = measure(["roc_auc", "accuracy", "recall", "brier"], TRUTH, PROBABILITY)
    assert scores == {"roc_auc": 1.0, "accuracy": 0.75, "recall": 1.0, "brier": pytest.approx(0.105)}


def test_a_nan_among_the_predictions_leaves_no_metric() -> None:
    """JSON has no NaN, and the gate refuses None."""
    assert measure(["rmse"], TRUTH, np.array([0.0, np.nan, 1, 0])) == {"rmse": None}


def test_a_metric_that_is_not_defined_is_none() -> None:
    """One class only: there is no area under the curve."""
    assert measure(["roc_auc"], np.zeros(4), PROBABILITY) == {"roc_auc": None}


def test_several_classes_are_averaged() -> None:
    """Labels may be words."""
    truth = np.array(["a", "b", "c"], dtype=object)
    assert measure(["f1", "accuracy"], truth, truth) == {"f1": 1.0, "accuracy": 1.0}


def test_a_metric_that_does_not_fit_the_answers_is_named() -> None:
    """Words have no root mean square."""
    words = np.array(["a", "b"], dtype=object)
    with pytest.raises(InvalidModel, match="metric rmse"):
        measure(["rmse"], words, words)
