"""A model is served only when it loads and answers its own example."""

import json
import shutil
from pathlib import Path

import pytest

from containers.model_server.columns import Column
from containers.model_server.inputs import ColumnInputs, MlflowInputs, TensorInputs
from containers.model_server.loading import inputs_of, load
from sluiceway.errors import InvalidModel


def test_a_saved_model_answers_as_mlflow_does(model_folder: Path) -> None:
    """The signature's columns, and the flavour's own predict."""
    import mlflow.pyfunc

    model = load(model_folder)
    body = b'{"dataframe_records": [{"x": 2.5}]}'
    (answer,) = model.answers([model.inputs.decode(body, "application/json")])
    expected = mlflow.pyfunc.load_model(str(model_folder)).predict([{"x": 2.5}])
    assert answer.tolist() == expected.tolist()
    assert isinstance(model.inputs, ColumnInputs)
    assert model.inputs.layout.columns == (Column("x", "double", True),)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """It says what is missing."""
    with pytest.raises(InvalidModel, match="no MLmodel file"):
        load(tmp_path)


def test_a_model_that_does_not_load_is_named_with_its_exception(model_folder: Path, tmp_path: Path) -> None:
    """A file is missing or broken."""
    broken = Path(shutil.copytree(model_folder, tmp_path / "broken"))
    (broken / "model.skops").write_bytes(b"not a model")
    with pytest.raises(InvalidModel, match=r"cannot be loaded: \w+"):
        load(broken)


def test_a_model_that_does_not_answer_its_example_is_refused(model_folder: Path, tmp_path: Path) -> None:
    """It would answer nobody."""
    odd = Path(shutil.copytree(model_folder, tmp_path / "odd"))
    example = {"dataframe_split": {"columns": ["y"], "data": [[1.0]]}}
    (odd / "serving_input_example.json").write_text(json.dumps(example))
    with pytest.raises(InvalidModel, match="column 'y' is not in the signature"):
        load(odd)


def test_the_signature_chooses_how_input_is_taken() -> None:
    """Plain columns and one tensor are enforced here, all else by MLflow."""
    import numpy as np
    from mlflow.types import ColSpec, Schema, TensorSpec
    from mlflow.types.schema import Array, DataType

    tensor = TensorSpec(np.dtype("float32"), (-1, 4))
    assert isinstance(inputs_of(Schema([ColSpec("long", "a")])), ColumnInputs)
    assert isinstance(inputs_of(Schema([tensor])), TensorInputs)
    assert isinstance(inputs_of(Schema([ColSpec(Array(DataType.double), "a")])), MlflowInputs)
    assert isinstance(inputs_of(None), MlflowInputs)
