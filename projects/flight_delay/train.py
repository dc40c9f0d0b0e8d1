"""Train a model that says how probable it is that a flight arrives late, and log it to MLflow."""

import argparse
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from flights import CATEGORIES, FEATURES, NUMBERS, TARGET, DataError, check_columns
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

METRICS = {
    "roc_auc": roc_auc_score,
    "log_loss": log_loss,
    "brier": brier_score_loss,
    "average_precision": average_precision_score,
}
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SIGNATURE = ModelSignature(
    inputs=Schema(
        [ColSpec("string", name) for name in CATEGORIES] + [ColSpec("long", name) for name in NUMBERS]
    ),
    outputs=Schema([TensorSpec(np.dtype("float64"), (-1, 2))]),
)
"""What the served model takes, and gives: for each row the probability of punctual and of delayed."""

TRUSTED = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
"""What skops asks about before it loads the trees: this file made them, so they may be trusted."""


def train(prepared: Path, *, iterations: int, learning_rate: float) -> dict[str, float]:
    """Fit, measure on the held-out rows, log parameters, metrics and the model; return the metrics."""
    rows, held_out = _read(prepared / "train.parquet"), _read(prepared / "holdout.parquet")
    model = _pipeline(iterations, learning_rate).fit(rows[FEATURES], rows[TARGET])
    probability = model.predict_proba(held_out[FEATURES])[:, 1]
    metrics = {name: float(score(held_out[TARGET], probability)) for name, score in METRICS.items()}
    with mlflow.start_run():
        mlflow.log_params({"rows": len(rows), "features": ",".join(FEATURES)})
        mlflow.log_metrics(metrics)
        _log_model(model, held_out[FEATURES].head(5))
    return metrics


def _pipeline(iterations: int, learning_rate: float) -> Pipeline:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    trees = HistGradientBoostingClassifier(
        max_iter=iterations,
        learning_rate=learning_rate,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=5,
        early_stopping=False,
        random_state=0,
    )
    return make_pipeline(make_column_transformer((codes, CATEGORIES), remainder="passthrough"), trees)


def _log_model(model: Pipeline, example: pd.DataFrame) -> None:
    """Log with the requirements given: to infer them, MLflow loads the model in another process (5 s)."""
    mlflow.sklearn.log_model(
        model,
        name="model",
        input_example=example,
        signature=SIGNATURE,
        pip_requirements=REQUIREMENTS.read_text().split(),
        pyfunc_predict_fn="predict_proba",
        skops_trusted_types=TRUSTED,
    )


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"{path} does not exist: run the entry point 'prepare' first")
    rows = pd.read_parquet(path)
    check_columns(rows.columns, [*FEATURES, TARGET], path)
    return rows


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepared", type=Path, required=True, help="folder that 'prepare' wrote")
    parser.add_argument("--iterations", type=float, default=80, help="number of trees")
    parser.add_argument("--learning-rate", type=float, default=0.08)
    options = parser.parse_args()
    metrics = train(options.prepared, iterations=int(options.iterations), learning_rate=options.learning_rate)
    print(" ".join(f"{name}={value:.4f}" for name, value in metrics.items()))


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"DataError: {error}")
