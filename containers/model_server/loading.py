"""Load an MLflow model from a folder and choose how it takes its input."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from containers.model_server.columns import TYPES, Column
from containers.model_server.inputs import ColumnInputs, Inputs, MlflowInputs, TensorInputs
from containers.model_server.layout import Layout
from containers.model_server.refusal import Refused, bad_request
from containers.model_server.served_model import Call, ModelInfo, ServedModel
from sluiceway.errors import InvalidModel


def load(folder: Path) -> ServedModel:
    """The model in `folder` (the one with `MLmodel`), ready and tried on its own input example."""
    if not (folder / "MLmodel").is_file():
        raise InvalidModel(f"{folder} holds no MLmodel file: is it the folder of an MLflow model?")
    import mlflow.pyfunc

    try:
        pyfunc = mlflow.pyfunc.load_model(str(folder))
    except Exception as error:
        raise InvalidModel(
            f"the model in {folder} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    model = _served(pyfunc)
    _try_example(model, folder)
    return model


def _served(pyfunc: Any) -> ServedModel:
    metadata = pyfunc.metadata
    schema = metadata.get_input_schema()
    described = metadata.to_dict()
    own = described.get("is_signature_from_type_hint") or described.get("type_hint_from_example")
    inputs = MlflowInputs() if own else inputs_of(schema)
    call = _enforcing(pyfunc) if isinstance(inputs, MlflowInputs) else _direct(pyfunc)
    flavours = [name for name in metadata.flavors if name != "python_function"]
    info = ModelInfo(
        model_id=str(metadata.model_id or ""),
        run_id=str(metadata.run_id or ""),
        flavour=flavours[0] if flavours else "python_function",
        enforced=schema is not None,
    )
    return ServedModel(call=call, inputs=inputs, info=info)


def inputs_of(schema: Any) -> Inputs:
    """How a model with this input schema (`mlflow.types.Schema`, or None) takes its input."""
    specs = list(schema.inputs) if schema is not None else []
    if len(specs) == 1 and schema.is_tensor_spec() and specs[0].name is None:
        dtype = np.dtype(specs[0].type)
        if dtype.kind in "iufb":
            return TensorInputs(dtype, tuple(specs[0].shape))
    if specs and schema.is_tensor_spec():
        return MlflowInputs(convert=_tensors(schema))
    names = {spec.name for spec in specs}
    kinds = {getattr(getattr(spec, "type", None), "name", None) for spec in specs}
    if specs and None not in names and kinds <= TYPES:
        return ColumnInputs(Layout(tuple(Column(spec.name, spec.type.name, spec.required) for spec in specs)))
    return MlflowInputs()


def _tensors(schema: Any) -> Callable[[dict[str, Any]], Any]:
    from mlflow.exceptions import MlflowException
    from mlflow.utils.proto_json_utils import parse_tf_serving_input

    def convert(payload: dict[str, Any]) -> Any:
        try:
            return parse_tf_serving_input(payload, schema=schema)
        except MlflowException as error:
            raise bad_request(error.message) from None

    return convert


def _enforcing(pyfunc: Any) -> Call:
    """MLflow's own predict, which enforces the signature: what it refuses is the request's fault."""
    from mlflow.exceptions import MlflowException

    def call(data: Any, params: dict[str, Any] | None) -> Any:
        try:
            return pyfunc.predict(data, params=params)
        except MlflowException as error:
            if error.get_http_status_code() >= 500:
                raise
            raise bad_request(error.message) from None

    return call


def _direct(pyfunc: Any) -> Call:
    """The flavour's own predict: the signature is enforced already (MLflow takes 0.4 ms for that)."""
    predict = getattr(pyfunc, "_predict_fn", None)
    if predict is None or pyfunc.metadata.get_params_schema() is not None:
        return _enforcing(pyfunc)
    params = inspect.signature(predict).parameters.get("params")
    if params is not None and params.kind is not inspect.Parameter.VAR_KEYWORD:
        return lambda data, params: predict(data, params=params)
    return lambda data, _params: predict(data)


def _try_example(model: ServedModel, folder: Path) -> None:
    """A model that does not answer its own example would answer nobody."""
    example = folder / "serving_input_example.json"
    if not example.is_file():
        return
    try:
        part = model.inputs.decode(example.read_bytes(), "application/json")
    except Refused as refused:
        raise InvalidModel(f"{example}: {refused.message}") from refused
    for _ in range(3):  # first calls are slow: lazy imports, caches
        (answer,) = model.answers([part])
        if isinstance(answer, Refused):
            raise InvalidModel(f"the model does not answer its input example: {answer.message}")
