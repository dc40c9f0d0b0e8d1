"""Trains a line through the points."""

import sys
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

frame = pd.read_parquet(Path(sys.argv[1]) / "train.parquet")
features = frame.drop(columns="label")
model = LogisticRegression().fit(features, frame["label"])
with mlflow.start_run():
    mlflow.log_metric("train_accuracy", float(model.score(features, frame["label"])))
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(features, model.predict_proba(features)),
        input_example=features.head(2),
        pip_requirements=["scikit-learn"],
        pyfunc_predict_fn="predict_proba",
    )
