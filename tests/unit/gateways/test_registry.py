"""The registry gateway against a real MLflow server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from sluiceway.errors import NotFound, PermanentError, ServiceUnavailable
from sluiceway.gateways import registry as registry_gateway
from sluiceway.gateways.mlflow_rest import MlflowRest, RegistryRefused, _reach
from sluiceway.gateways.mlflow_values import DatasetInput
from sluiceway.gateways.registry import MlflowRegistry

PROJECT = "flight-delay"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowRegistry]:
    """A registry on a server of its own."""
    folder, port = tmp_path_factory.mktemp("mlflow"), _free_port()
    arguments = [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--default-artifact-root",
        str(folder),
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *arguments, "--port", str(port), "--workers", "1"],
        env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        stdout=(folder / "log.txt").open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _await(f"http://127.0.0.1:{port}/health", server, folder / "log.txt")
        yield MlflowRegistry(MlflowRest(f"http://127.0.0.1:{port}"))
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)


def test_an_experiment_is_created_once(registry: MlflowRegistry) -> None:
    """Asking twice gives the same experiment."""
    first = registry.ensure_experiment("once", "s3://artifacts/mlflow/once")
    assert registry.ensure_experiment("once", "s3://artifacts/mlflow/once") == first


class Refusing:
    """MLflow, which refuses the first request with these words."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.asked: list[str] = []

    def post(self, path: str, _body: object) -> None:
        self.asked.append(path)
        if len(self.asked) == 1:
            raise RegistryRefused(self.words)


def test_a_dataset_that_two_runs_name_at_once_is_logged_for_both() -> None:
    """Who comes second finds the other's row at the second request; other refusals stand."""
    inputs = [DatasetInput("flights", "a" * 64, "s3", "{}")]
    collided = Refusing("400: (sqlite3.IntegrityError) UNIQUE constraint failed: datasets.name")
    MlflowRegistry(collided).log_inputs("r-1", inputs)  # type: ignore[arg-type]
    assert collided.asked == ["runs/log-inputs"] * 2
    with pytest.raises(RegistryRefused):
        MlflowRegistry(Refusing("400: no such run")).log_inputs("r-1", inputs)  # type: ignore[arg-type]


def test_a_run_keeps_what_was_logged(registry: MlflowRegistry) -> None:
    """Metrics, tags and inputs come back; NaN stays NaN; a run is found by its tags."""
    experiment = registry.ensure_experiment(PROJECT, f"s3://artifacts/mlflow/{PROJECT}")
    run = registry.create_run(experiment, "train", {"sluiceway.run_id": "r-1"})
    registry.log_batch(run.run_id, metrics={"f1": 0.5, "loss": float("nan"), "big": float("inf")})
    registry.log_batch(run.run_id, params={"trees": "50"}, tags={"step": "train"})
    registry.log_inputs(run.run_id, [DatasetInput("flights", "a" * 64, "s3", '{"uri": "s3://a/b"}')])
    registry.set_terminated(run.run_id, "FINISHED")
    found = registry.get_run(run.run_id)
    assert found.metrics["f1"] == 0.5
    assert found.metrics["loss"] != found.metrics["loss"]
    assert (found.status, found.tags["step"]) == ("FINISHED", "train")
    assert [hit.run_id for hit in registry.search_runs(experiment, {"sluiceway.run_id": "r-1"})] == [
        run.run_id
    ]
    assert registry.search_runs(experiment, {"sluiceway.run_id": "r-2"}) == ()


def test_an_alias_of_all_models_is_found_at_once(
    registry: MlflowRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over as many pages as it takes; models without the alias are left out."""
    monkeypatch.setattr(registry_gateway, "MODELS_A_PAGE", "2")
    names = [f"aliased-{number}" for number in range(5)]
    for name in [*names, "without"]:
        registry.ensure_registered_model(name)
        registry._rest.create("model-versions/create", {"name": name, "source": "s3://artifacts/m"})
    for name in names:
        registry.set_alias(name, "crowned", "1")
    assert registry.versions_by_alias("crowned") == dict.fromkeys(names, "1")
    assert registry.versions_by_alias("nobodys") == {}


def test_a_version_is_found_by_its_tags_and_by_its_alias(registry: MlflowRegistry) -> None:
    """What was registered is found again, so that a lost answer registers nothing twice."""
    experiment = registry.ensure_experiment(PROJECT, f"s3://artifacts/mlflow/{PROJECT}")
    run = registry.create_run(experiment, "train", {})
    model = registry._rest.create("logged-models", {"experiment_id": experiment, "source_run_id": run.run_id})
    logged = registry.get_logged_model(model["model"]["info"]["model_id"])
    registry.ensure_registered_model(PROJECT)
    registry.ensure_registered_model(PROJECT)
    made = registry.create_model_version(
        PROJECT,
        source=logged.artifact_uri,
        run_id=run.run_id,
        model_id=logged.model_id,
        tags={"run_id": "r-1"},
    )
    registry.set_alias(PROJECT, "challenger", made.version)
    registry.set_version_tags(PROJECT, made.version, {"gate": "passed"})
    assert [found.version for found in registry.search_model_versions(PROJECT, {"run_id": "r-1"})] == ["1"]
    assert registry.search_logged_models(experiment, run.run_id) == (logged,)
    aliased = registry.version_by_alias(PROJECT, "challenger")
    assert aliased is not None
    assert (aliased.version, aliased.tags["gate"], aliased.source) == ("1", "passed", logged.artifact_uri)


def test_what_does_not_exist_is_not_found(registry: MlflowRegistry) -> None:
    """No alias is None; no model version is NotFound."""
    registry.ensure_registered_model("empty-model")
    assert registry.version_by_alias("empty-model", "champion") is None
    assert registry.version_by_alias("no-such-model", "champion") is None
    with pytest.raises(NotFound):
        registry.get_model_version("no-such-model", "1")


def test_a_server_that_is_away_is_worth_another_try() -> None:
    """No connection becomes ServiceUnavailable, which state machines retry."""
    with pytest.raises(ServiceUnavailable, match="did not answer"):
        MlflowRegistry(MlflowRest(f"http://127.0.0.1:{_free_port()}")).ensure_experiment("a", "s3://b/c")


@pytest.mark.parametrize(
    ("resource", "host", "header", "service"),
    [
        ("mlflow-app/app-1", "mlflow.sagemaker.eu-west-1.app.aws", "x-sm-mlflow-app-arn", "sagemaker"),
        (
            "mlflow-tracking-server/one",
            "eu-west-1.experiments.sagemaker.aws",
            "x-mlflow-sm-tracking-server-arn",
            "sagemaker-mlflow",
        ),
    ],
)
def test_managed_mlflow_is_reached_by_arn_and_signed(
    monkeypatch: pytest.MonkeyPatch, resource: str, host: str, header: str, service: str
) -> None:
    """Host, header and signing name follow the kind of resource in the ARN, as in Amazon's plugin."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:{resource}"
    base, sign = _reach(arn)
    headers = sign("POST", f"{base}/api/2.0/mlflow/runs/create", b"{}")
    assert base == f"https://{host}"
    assert headers[header] == arn
    assert f"/eu-west-1/{service}/aws4_request" in headers["Authorization"]
    assert header in headers["Authorization"]


def test_another_arn_is_refused_with_what_is_possible() -> None:
    """The error names the kinds that there are."""
    with pytest.raises(PermanentError, match="mlflow-app"):
        MlflowRest("arn:aws:s3:::bucket")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib3.request("GET", url, retries=False, timeout=2)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"mlflow server did not start:\n{log.read_text()[-2000:]}")
