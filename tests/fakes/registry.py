"""An MLflow registry in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sluiceway.errors import NotFound, ServiceUnavailable
from sluiceway.gateways.mlflow_values import (
    DatasetInput,
    MlflowRun,
    ModelVersion,
    RegistryModel,
    RunEnd,
    Tags,
)


class MemoryRegistry:
    """`Registry` in memory. As MLflow does, it makes a new version at each call.

    `lost_answers` is how many of the next creations of a version happen without being answered.
    """

    def __init__(self) -> None:
        self.experiments: dict[str, str] = {}
        self.locations: dict[str, str] = {}
        self.runs: dict[str, MlflowRun] = {}
        self.inputs: dict[str, tuple[DatasetInput, ...]] = {}
        self.logged_models: dict[str, RegistryModel] = {}
        self.versions: dict[str, list[ModelVersion]] = {}
        self.aliases: dict[tuple[str, str], str] = {}
        self.lost_answers = 0
        self.away = False

    def ensure_experiment(self, name: str, artifact_location: str) -> str:
        self.locations.setdefault(name, artifact_location)
        return self.experiments.setdefault(name, str(len(self.experiments) + 1))

    def create_run(self, experiment_id: str, name: str, tags: Tags) -> MlflowRun:
        run_id = f"mlflow-{len(self.runs) + 1}"
        self.runs[run_id] = MlflowRun(run_id, "RUNNING", f"s3://artifacts/{run_id}", tags=dict(tags))
        return self.runs[run_id]

    def search_runs(self, experiment_id: str, tags: Tags) -> tuple[MlflowRun, ...]:
        return tuple(run for run in reversed(self.runs.values()) if tags.items() <= run.tags.items())

    def get_run(self, run_id: str) -> MlflowRun:
        return self.runs[run_id]

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Mapping[str, float] | None = None,
        params: Tags | None = None,
        tags: Tags | None = None,
    ) -> None:
        run = self.runs[run_id]
        merged = {"metrics": {**run.metrics, **(metrics or {})}, "tags": {**run.tags, **(tags or {})}}
        self.runs[run_id] = replace(run, **merged)

    def log_inputs(self, run_id: str, datasets: Iterable[DatasetInput]) -> None:
        self.inputs[run_id] = tuple(datasets)

    def set_terminated(self, run_id: str, status: RunEnd) -> None:
        self.runs[run_id] = replace(self.runs[run_id], status=status)

    def get_logged_model(self, model_id: str) -> RegistryModel:
        return self.logged_models[model_id]

    def search_logged_models(self, experiment_id: str, run_id: str) -> tuple[RegistryModel, ...]:
        return tuple(model for model in self.logged_models.values() if model.run_id == run_id)

    def ensure_registered_model(self, name: str) -> None:
        self.versions.setdefault(name, [])

    def create_model_version(
        self, name: str, *, source: str, run_id: str, model_id: str, tags: Tags
    ) -> ModelVersion:
        versions = self.versions[name]
        versions.append(ModelVersion(name, str(len(versions) + 1), source, run_id, dict(tags)))
        if self.lost_answers:
            self.lost_answers -= 1
            raise ServiceUnavailable("MLflow did not answer")
        return versions[-1]

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        found = [one for one in self.versions.get(name, []) if one.version == version]
        if not found:
            raise NotFound(f"there is no version {version} of {name}")
        return found[0]

    def search_model_versions(self, name: str, tags: Tags) -> tuple[ModelVersion, ...]:
        return tuple(one for one in self.versions.get(name, []) if tags.items() <= one.tags.items())

    def version_by_alias(self, name: str, alias: str) -> ModelVersion | None:
        version = self.aliases.get((name, alias))
        return None if version is None else self.get_model_version(name, version)

    def versions_by_alias(self, alias: str) -> dict[str, str]:
        return {name: version for (name, found), version in self.aliases.items() if found == alias}

    def set_alias(self, name: str, alias: str, version: str) -> None:
        if self.away:
            raise ServiceUnavailable("MLflow did not answer")
        self.aliases[name, alias] = version

    def set_version_tags(self, name: str, version: str, tags: Tags) -> None:
        old = self.get_model_version(name, version)
        self.versions[name][self.versions[name].index(old)] = replace(old, tags={**old.tags, **tags})
