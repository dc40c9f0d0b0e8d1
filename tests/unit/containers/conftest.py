"""A real MLflow model, saved once for all tests that load one."""

from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logistic regression on one column, `x`; answers two probabilities a row."""
    import mlflow.sklearn
    from mlflow.models import infer_signature
    from sklearn.linear_model import LogisticRegression

    rows = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
    model = LogisticRegression().fit(rows, [0, 0, 1, 1])
    folder = tmp_path_factory.mktemp("model") / "model"
    mlflow.sklearn.save_model(
        model,
        folder,
        signature=infer_signature(rows, model.predict_proba(rows)),
        input_example=rows.head(1),
        pip_requirements=["scikit-learn"],
        pyfunc_predict_fn="predict_proba",
    )
    return folder
