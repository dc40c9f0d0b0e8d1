"""MLflow as experiment tracker and model registry, over its REST API.

MLflow has no compare-and-set and takes every creation as a new one: callers search before they create,
and the ledger owns run → model version and endpoint → model version.

Example:
    registry = MlflowRegistry(MlflowRest("http://127.0.0.1:5000"))
    registry.version_by_alias("flight-delay", "champion")
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from sluiceway.errors import NotFound
from sluiceway.gateways.mlflow_rest import AlreadyExists, MlflowRest, RegistryRefused
from sluiceway.gateways.mlflow_values import (
    DatasetInput,
    MlflowRun,
    ModelVersion,
    RegistryModel,
    RunEnd,
    Tags,
    dataset_input,
    metric,
    now,
    pairs,
    parse_logged_model,
    parse_model_version,
    parse_run,
    tag_filter,
)

COLLISION = "IntegrityError"
"""SQLAlchemy's word, whatever the database: a row that another request has just made."""
MODELS_A_PAGE = "1000"
"""The most that MLflow gives at once."""


class Registry(Protocol):
    """What the platform and its trainer ask of MLflow."""

    def ensure_experiment(self, name: str, artifact_location: str) -> str:
        """Id of the experiment, created when missing."""

    def create_run(self, experiment_id: str, name: str, tags: Tags) -> MlflowRun:
        """Start a new run. Search for its tags before: an earlier answer may have been lost."""

    def search_runs(self, experiment_id: str, tags: Tags) -> tuple[MlflowRun, ...]:
        """Runs that carry all these tags, newest first."""

    def get_run(self, run_id: str) -> MlflowRun:
        """The run with its metrics, tags and logged models."""

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Mapping[str, float] | None = None,
        params: Tags | None = None,
        tags: Tags | None = None,
    ) -> None:
        """Log metrics (step 0, now), parameters and tags at once."""

    def log_inputs(self, run_id: str, datasets: Iterable[DatasetInput]) -> None:
        """Say which datasets the run was trained on."""

    def set_terminated(self, run_id: str, status: RunEnd) -> None:
        """End the run."""

    def get_logged_model(self, model_id: str) -> RegistryModel:
        """A logged model by its id."""

    def search_logged_models(self, experiment_id: str, run_id: str) -> tuple[RegistryModel, ...]:
        """Models that the run logged."""

    def ensure_registered_model(self, name: str) -> None:
        """Create the registered model when it is missing."""

    def create_model_version(
        self, name: str, *, source: str, run_id: str, model_id: str, tags: Tags
    ) -> ModelVersion:
        """Create a new version. Search for its tags before: an earlier answer may have been lost."""

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """A version by its number."""

    def search_model_versions(self, name: str, tags: Tags) -> tuple[ModelVersion, ...]:
        """Versions that carry all these tags, oldest first."""

    def version_by_alias(self, name: str, alias: str) -> ModelVersion | None:
        """The version that the alias points at."""

    def versions_by_alias(self, alias: str) -> dict[str, str]:
        """Of every registered model that has the alias: its name, and the version that it points at."""

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Point the alias at the version."""

    def set_version_tags(self, name: str, version: str, tags: Tags) -> None:
        """Set tags of a version; others stay."""


class MlflowRegistry:
    """`Registry` over MLflow's REST API."""

    def __init__(self, rest: MlflowRest) -> None:
        self._rest = rest

    def ensure_experiment(self, name: str, artifact_location: str) -> str:
        """Id of the experiment, created when missing."""
        try:
            return self._experiment(name)
        except NotFound:
            return self._create_experiment(name, artifact_location)

    def _experiment(self, name: str) -> str:
        answer = self._rest.get("experiments/get-by-name", experiment_name=name)
        return str(answer["experiment"]["experiment_id"])

    def _create_experiment(self, name: str, artifact_location: str) -> str:
        body = {"name": name, "artifact_location": artifact_location}
        try:
            return str(self._rest.create("experiments/create", body)["experiment_id"])
        except AlreadyExists:
            return self._experiment(name)

    def create_run(self, experiment_id: str, name: str, tags: Tags) -> MlflowRun:
        """Start a new run. Search for its tags before: an earlier answer may have been lost."""
        body = {"experiment_id": experiment_id, "run_name": name, "start_time": now(), "tags": pairs(tags)}
        return parse_run(self._rest.create("runs/create", body)["run"])

    def search_runs(self, experiment_id: str, tags: Tags) -> tuple[MlflowRun, ...]:
        """Runs that carry all these tags, newest first."""
        body = {"experiment_ids": [experiment_id], "filter": tag_filter(tags), "max_results": 100}
        body["order_by"] = ["attributes.start_time DESC"]
        return tuple(parse_run(found) for found in self._rest.post("runs/search", body).get("runs", ()))

    def get_run(self, run_id: str) -> MlflowRun:
        """The run with its metrics, tags and logged models."""
        return parse_run(self._rest.get("runs/get", run_id=run_id)["run"])

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Mapping[str, float] | None = None,
        params: Tags | None = None,
        tags: Tags | None = None,
    ) -> None:
        """Log metrics (step 0, now), parameters and tags at once."""
        logged = [metric(key, value) for key, value in (metrics or {}).items()]
        body = {"metrics": logged, "params": pairs(params or {}), "tags": pairs(tags or {})}
        self._rest.post("runs/log-batch", {"run_id": run_id, **body})

    def log_inputs(self, run_id: str, datasets: Iterable[DatasetInput]) -> None:
        """Say which datasets the run was trained on.

        Two runs that name a new dataset at once collide in the database of MLflow: the loser asks again.
        """
        body = {"run_id": run_id, "datasets": [dataset_input(dataset) for dataset in datasets]}
        try:
            self._rest.post("runs/log-inputs", body)
        except RegistryRefused as error:
            if COLLISION not in str(error):
                raise
            self._rest.post("runs/log-inputs", body)

    def set_terminated(self, run_id: str, status: RunEnd) -> None:
        """End the run."""
        self._rest.post("runs/update", {"run_id": run_id, "status": status, "end_time": now()})

    def get_logged_model(self, model_id: str) -> RegistryModel:
        """A logged model by its id."""
        return parse_logged_model(self._rest.get(f"logged-models/{model_id}")["model"])

    def search_logged_models(self, experiment_id: str, run_id: str) -> tuple[RegistryModel, ...]:
        """Models that the run logged."""
        body = {"experiment_ids": [experiment_id], "filter": f"source_run_id = '{run_id}'"}
        answer = self._rest.post("logged-models/search", body)
        return tuple(parse_logged_model(found) for found in answer.get("models", ()))

    def ensure_registered_model(self, name: str) -> None:
        """Create the registered model when it is missing."""
        try:
            self._rest.create("registered-models/create", {"name": name})
        except AlreadyExists:
            return

    def create_model_version(
        self, name: str, *, source: str, run_id: str, model_id: str, tags: Tags
    ) -> ModelVersion:
        """Create a new version. Search for its tags before: an earlier answer may have been lost."""
        body = {"name": name, "source": source, "run_id": run_id, "model_id": model_id, "tags": pairs(tags)}
        return parse_model_version(self._rest.create("model-versions/create", body)["model_version"])

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """A version by its number."""
        return parse_model_version(
            self._rest.get("model-versions/get", name=name, version=version)["model_version"]
        )

    def search_model_versions(self, name: str, tags: Tags) -> tuple[ModelVersion, ...]:
        """Versions that carry all these tags, oldest first."""
        query = f"name = '{name}' AND {tag_filter(tags)}"
        answer = self._rest.get("model-versions/search", filter=query, order_by="version_number ASC")
        return tuple(parse_model_version(found) for found in answer.get("model_versions", ()))

    def version_by_alias(self, name: str, alias: str) -> ModelVersion | None:
        """The version that the alias points at."""
        try:
            answer = self._rest.get("registered-models/alias", name=name, alias=alias)
        except NotFound:
            return None
        return parse_model_version(answer["model_version"])

    def versions_by_alias(self, alias: str) -> dict[str, str]:
        """Of every registered model that has the alias: its name, and the version that it points at."""
        found: dict[str, str] = {}
        query = {"max_results": MODELS_A_PAGE}
        while True:
            answer = self._rest.get("registered-models/search", **query)
            for model in answer.get("registered_models", ()):
                aliases = {each["alias"]: str(each["version"]) for each in model.get("aliases", ())}
                found |= {str(model["name"]): aliases[alias]} if alias in aliases else {}
            if not answer.get("next_page_token"):
                return found
            query["page_token"] = str(answer["next_page_token"])

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Point the alias at the version."""
        self._rest.post("registered-models/alias", {"name": name, "alias": alias, "version": version})

    def set_version_tags(self, name: str, version: str, tags: Tags) -> None:
        """Set tags of a version; others stay."""
        for pair in pairs(tags):
            self._rest.post("model-versions/set-tag", {"name": name, "version": version, **pair})
