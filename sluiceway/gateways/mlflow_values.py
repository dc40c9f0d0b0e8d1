"""What is used of MLflow's runs, logged models and model versions, and how it is written as JSON."""

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""As protobuf writes them in JSON."""

RunEnd = Literal["FINISHED", "FAILED", "KILLED"]
Tags = Mapping[str, str]


@dataclass(frozen=True)
class MlflowRun:
    """What is used of an MLflow run."""

    run_id: str
    status: str
    artifact_uri: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    model_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegistryModel:
    """A model that a run logged (MLflow 3's logged model)."""

    model_id: str
    name: str
    artifact_uri: str
    run_id: str


@dataclass(frozen=True)
class ModelVersion:
    """A version of a registered model."""

    model: str
    version: str
    source: str
    run_id: str
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetInput:
    """A dataset version as MLflow knows it; the digest is cut to MLflow's 36 characters."""

    name: str
    digest: str
    source_type: str
    source: str
    """JSON"""
    context: str = "training"


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def pairs(values: Tags) -> list[dict[str, str]]:
    """A list of key and value, as MLflow writes tags and parameters."""
    return [{"key": key, "value": value} for key, value in values.items()]


def _named(pairs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {pair["key"]: str(pair.get("value", "")) for pair in pairs}


def tag_filter(tags: Tags) -> str:
    """The search filter that asks for all these tags."""
    return " AND ".join(f"tags.`{key}` = '{value}'" for key, value in tags.items())


def metric(key: str, value: float) -> dict[str, object]:
    """JSON has no NaN: MLflow takes it, as protobuf does, as a string."""
    shown: float | str = value if math.isfinite(value) else NOT_FINITE[str(value)]
    return {"key": key, "value": shown, "timestamp": now(), "step": 0}


def dataset_input(dataset: DatasetInput) -> dict[str, object]:
    """A dataset input as JSON."""
    described = {"name": dataset.name, "digest": dataset.digest[:36]}
    described |= {"source_type": dataset.source_type, "source": dataset.source}
    return {"tags": pairs({"mlflow.data.context": dataset.context}), "dataset": described}


def parse_run(run: Mapping[str, Any]) -> MlflowRun:
    """A run from JSON."""
    info, data = run["info"], run.get("data", {})
    return MlflowRun(
        run_id=info["run_id"],
        status=info["status"],
        artifact_uri=info["artifact_uri"],
        metrics={metric["key"]: float(metric["value"]) for metric in data.get("metrics", ())},
        tags=_named(data.get("tags", ())),
        model_ids=tuple(output["model_id"] for output in run.get("outputs", {}).get("model_outputs", ())),
    )


def parse_logged_model(model: Mapping[str, Any]) -> RegistryModel:
    """A logged model from JSON."""
    info = model["info"]
    return RegistryModel(info["model_id"], info["name"], info["artifact_uri"], info.get("source_run_id", ""))


def parse_model_version(found: Mapping[str, Any]) -> ModelVersion:
    """A model version from JSON."""
    return ModelVersion(
        model=found["name"],
        version=str(found["version"]),
        source=found.get("source", ""),
        run_id=found.get("run_id", ""),
        tags=_named(found.get("tags", ())),
    )
