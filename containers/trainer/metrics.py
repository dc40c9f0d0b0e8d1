"""Metrics by name, as scikit-learn defines them. What has no value is None: JSON has no NaN."""

import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from sluiceway.errors import InvalidModel

Array = np.ndarray[Any, Any]
Metric = Callable[[Array, Array], float]

THRESHOLD = 0.5
"""A probability at or above it counts as the positive class."""


def measure(names: Sequence[str], truth: Array, predictions: Array) -> dict[str, float | None]:
    """Each metric of the predictions; None where it is not defined, as with a NaN among them."""
    if predictions.dtype.kind == "f" and not np.isfinite(predictions).all():
        return dict.fromkeys(names)
    return {name: _value(name, truth, predictions) for name in names}


def _value(name: str, truth: Array, predictions: Array) -> float | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = float(_metrics()[name](truth, predictions))
    except (ValueError, TypeError) as error:
        raise InvalidModel(f"metric {name} cannot be computed from the model's answers: {error}") from error
    return value if math.isfinite(value) else None


def _metrics() -> dict[str, Metric]:
    from sklearn import metrics

    return {
        "accuracy": _of_classes(metrics.accuracy_score),
        "balanced_accuracy": _of_classes(metrics.balanced_accuracy_score),
        "precision": _of_classes(_averaged(metrics.precision_score)),
        "recall": _of_classes(_averaged(metrics.recall_score)),
        "f1": _of_classes(_averaged(metrics.f1_score)),
        "roc_auc": metrics.roc_auc_score,
        "average_precision": metrics.average_precision_score,
        "log_loss": partial(_log_loss, metrics.log_loss),
        "brier": metrics.brier_score_loss,
        "rmse": metrics.root_mean_squared_error,
        "mae": metrics.mean_absolute_error,
        "r2": metrics.r2_score,
    }


def _of_classes(metric: Metric) -> Metric:
    """Probabilities become classes where the truth is 0 and 1."""

    def measured(truth: Array, predictions: Array) -> float:
        if predictions.dtype.kind == "f" and set(np.unique(truth).tolist()) <= {0, 1}:
            predictions = (predictions >= THRESHOLD).astype(int)
        return metric(truth, predictions)

    return measured


def _averaged(metric: Callable[..., float]) -> Metric:
    """Of the positive class where there are two, numbered 0 and 1; else the mean over the classes."""

    def measured(truth: Array, predictions: Array) -> float:
        two = set(np.unique(truth).tolist()) <= {0, 1}
        return metric(truth, predictions, average="binary" if two else "macro", zero_division=0)

    return measured


def _log_loss(metric: Callable[..., float], truth: Array, predictions: Array) -> float:
    return metric(truth, predictions, labels=[0, 1])
