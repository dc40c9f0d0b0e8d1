"""The step's MLflow run: begun by us, written to by the entry point, read and ended by us."""

import json
import math

import yaml

from sluiceway.errors import InvalidModel, NotFound, ServiceUnavailable
from sluiceway.gateways.mlflow_values import DatasetInput
from sluiceway.gateways.objects import Objects
from sluiceway.gateways.registry import Registry
from sluiceway.names import split_s3_uri
from sluiceway.training.contracts import LoggedModel, PlannedStep, RunPlan

Logged = tuple[dict[str, float | None], LoggedModel | None]
"""Metrics, and the model if there is one."""

RUN_ID, STEP, ATTEMPT = "sluiceway.run_id", "sluiceway.step", "sluiceway.attempt"
MAX_MLMODEL_BYTES = 4 * 1024 * 1024
CREATIONS = 3


def begin(registry: Registry, plan: RunPlan, step: PlannedStep, attempt: str) -> str:
    """Id of this attempt's MLflow run; what an earlier attempt left running is ended."""
    tags = {RUN_ID: plan.run_id, STEP: step.name}
    for earlier in registry.search_runs(plan.experiment_id, tags):
        if earlier.status == "RUNNING" and earlier.tags.get(ATTEMPT) != attempt:
            registry.set_terminated(earlier.run_id, "KILLED")
    tags |= {ATTEMPT: attempt, "sluiceway.code_version": plan.code_version}
    tags |= {f"sluiceway.dataset.{name}": version for name, version in plan.dataset_versions.items()}
    mlflow_run_id = _create_once(registry, plan, step, tags)
    registry.log_inputs(mlflow_run_id, _inputs(plan))
    return mlflow_run_id


def logged(registry: Registry, objects: Objects, plan: RunPlan, mlflow_run_id: str) -> Logged:
    """What the entry point logged."""
    metrics = registry.get_run(mlflow_run_id).metrics
    finite = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
    return finite, _model(registry, objects, plan, mlflow_run_id)


def _create_once(
    registry: Registry, plan: RunPlan, step: PlannedStep, tags: dict[str, str], *, tries: int = CREATIONS
) -> str:
    """Create the run; when that is not answered, look whether it was created all the same, else try again."""
    wanted = {name: tags[name] for name in (RUN_ID, STEP, ATTEMPT)}
    try:
        return registry.create_run(plan.experiment_id, step.name, tags).run_id
    except ServiceUnavailable:
        found = registry.search_runs(plan.experiment_id, wanted)
        if found:
            return found[0].run_id
        if tries == 1:
            raise
    return _create_once(registry, plan, step, tags, tries=tries - 1)


def _inputs(plan: RunPlan) -> list[DatasetInput]:
    """What the run was really trained on, each dataset once."""
    uris = {plan.dataset_behind(name): uri for name, uri in plan.manifest_uris.items()}
    return [
        DatasetInput(
            name=name,
            digest=plan.dataset_versions[name],
            source_type="s3",
            source=json.dumps({"uri": uri, "version": plan.dataset_versions[name]}),
        )
        for name, uri in uris.items()
    ]


def _model(registry: Registry, objects: Objects, plan: RunPlan, mlflow_run_id: str) -> LoggedModel | None:
    """The model of the name that sluice.yaml gives; the newest, when the step logged several."""
    models = registry.search_logged_models(plan.experiment_id, mlflow_run_id)
    for model in models:
        if model.name == plan.config.model.name:
            return LoggedModel(
                model_id=model.model_id,
                name=model.name,
                artifact_uri=model.artifact_uri,
                has_signature=_has_signature(objects, model.artifact_uri),
            )
    return None


def _has_signature(objects: Objects, artifact_uri: str) -> bool:
    try:
        bucket, key = split_s3_uri(artifact_uri)
        content = objects.get(bucket, f"{key.rstrip('/')}/MLmodel", at_most=MAX_MLMODEL_BYTES)
        described = yaml.safe_load(content)
    except (ValueError, NotFound, yaml.YAMLError) as error:
        raise InvalidModel(
            f"the logged model at {artifact_uri} has no readable MLmodel file: {error}"
        ) from error
    return isinstance(described, dict) and bool((described.get("signature") or {}).get("inputs"))
