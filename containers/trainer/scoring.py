"""Score a model on held-out rows, with the very code that will serve it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from containers.model_server.answers import to_json, to_table
from containers.model_server.inputs import ColumnInputs, Parsed, TensorInputs, tensor_of
from containers.model_server.refusal import Refused
from containers.model_server.served_model import ServedModel
from containers.trainer.candidates import described
from containers.trainer.metrics import measure
from sluiceway.errors import InvalidDataset, InvalidModel, InvalidProject
from sluiceway.training.contracts import Candidate, EvaluationJob, Score

SAMPLE_ROWS = 5


@dataclass(frozen=True)
class Holdout:
    """The held-out rows: what the model is asked, and the truth."""

    features: pa.Table
    truth: np.ndarray[Any, Any]

    @classmethod
    def read(cls, path: Path, job: EvaluationJob) -> "Holdout":
        """From Parquet; raises when it is none, holds no rows or lacks the target."""
        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise InvalidDataset(f"{job.holdout_uri} is not a Parquet file: {error}") from error
        if job.target not in table.column_names:
            raise InvalidProject(
                f"sluice.yaml: evaluate.target {job.target!r} is not a column of {job.holdout_uri}, "
                f"which has {', '.join(table.column_names)}"
            )
        if not table.num_rows:
            raise InvalidDataset(f"{job.holdout_uri} holds no rows: nothing can be compared")
        return cls(table.drop_columns([job.target]), table.column(job.target).to_numpy())


def score(model: ServedModel, candidate: Candidate, job: EvaluationJob, holdout: Holdout) -> Score:
    """Metrics over all rows, and a sample request with its answer."""
    features = _known(model, holdout.features)
    predictions = _column(_answer(model, _part(model, features, candidate), candidate), job, candidate)
    request = _request(features.slice(0, SAMPLE_ROWS))
    part = _decoded(model, request, candidate)
    return Score(
        role=candidate.role,
        model_version=candidate.model_version,
        metrics=measure(job.metrics, holdout.truth, predictions),
        rows=features.num_rows,
        sample_request=request.decode(),
        sample_response=to_json(_answer(model, part, candidate)).decode(),
    )


def unscored(candidate: Candidate, job: EvaluationJob, holdout: Holdout) -> Score:
    """The score of a model that does not take these rows: no metric has a value."""
    return Score(
        role=candidate.role,
        model_version=candidate.model_version,
        metrics=dict.fromkeys(job.metrics),
        rows=holdout.features.num_rows,
        sample_request="",
        sample_response="",
    )


def _known(model: ServedModel, features: pa.Table) -> pa.Table:
    """Without the columns that the model does not take: they are there to understand a row."""
    if not isinstance(model.inputs, ColumnInputs):
        return features
    known = {column.name for column in model.inputs.layout.columns}
    return features.select([name for name in features.column_names if name in known])


def _part(model: ServedModel, features: pa.Table, candidate: Candidate) -> Any:
    try:
        if isinstance(model.inputs, ColumnInputs):
            return model.inputs.from_table(features)
        if isinstance(model.inputs, TensorInputs):
            return tensor_of(model.inputs, features)
    except Refused as refused:
        raise _mismatch(candidate, refused) from refused
    return Parsed(features.to_pandas(), features.num_rows, None)


def _decoded(model: ServedModel, request: bytes, candidate: Candidate) -> Any:
    try:
        return model.inputs.decode(request, "application/json")
    except Refused as refused:
        raise _mismatch(candidate, refused) from refused


def _answer(model: ServedModel, part: Any, candidate: Candidate) -> Any:
    (answer,) = model.answers([part])
    if isinstance(answer, Refused):
        raise _mismatch(candidate, answer)
    return answer


def _mismatch(candidate: Candidate, refused: Refused) -> InvalidModel:
    return InvalidModel(f"{described(candidate)} does not take the held-out rows: {refused.message}")


def _column(answer: Any, job: EvaluationJob, candidate: Candidate) -> np.ndarray[Any, Any]:
    """The column of the model's output that is compared with the truth."""
    table = to_table(answer)
    name = job.prediction or table.column_names[-1]
    if name not in table.column_names:
        raise InvalidProject(
            f"sluice.yaml: evaluate.prediction {name!r} is not a column of what {described(candidate)} "
            f"answers: {', '.join(table.column_names)}"
        )
    column: np.ndarray[Any, Any] = table.column(name).to_numpy()
    return column


def _request(rows: pa.Table) -> bytes:
    names = rows.column_names
    data = [[row[name] for name in names] for row in rows.to_pylist()]
    return orjson.dumps({"dataframe_split": {"columns": names, "data": data}}, default=_plain)


def _plain(value: Any) -> Any:
    from base64 import b64encode

    return b64encode(value).decode() if isinstance(value, bytes) else str(value)
