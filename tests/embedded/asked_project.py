"""A project of which things are asked: like the probe, with a parameter, a preview, and data of its own."""

from collections.abc import Mapping

import pytest

from sluiceway.gateways.ledger import RunRecord
from sluiceway.training.contracts import StepResult
from tests.embedded.stage import PROBE, Stage, points, probe_archive

PROJECT, DATA, FEW = "asked", "asked-points", "few-points"


def asked_archive(changes: Mapping[str, tuple[str, str]] | None = None) -> bytes:
    """The project as a zip; `changes` are replacements in its files."""
    files = {name: (PROBE / name).read_text() for name in ("MLproject", "sluice.yaml", "train.py")}
    for name, (old, new) in [*_OWN, *(changes or {}).items()]:
        assert old in files[name], (name, old)
        files[name] = files[name].replace(old, new)
    return probe_archive(files)


_OWN = (
    (
        "MLproject",
        ("      prepared: path\n", "      prepared: path\n      strength: {type: float, default: 1}\n"),
    ),
    ("MLproject", ("train.py {prepared}", "train.py {prepared} {strength}")),
    ("train.py", ("LogisticRegression()", "LogisticRegression(C=float(sys.argv[2]))")),
    (
        "train.py",
        (
            "with mlflow.start_run():\n",
            'with mlflow.start_run():\n    mlflow.log_metric("strength", model.C)\n',
        ),
    ),
    ("sluice.yaml", ("project: probe\ndata: [points]", f"project: {PROJECT}\ndata: [{DATA}]")),
    ("sluice.yaml", ("{data.points}", f"{{data.{DATA}}}")),
    ("sluice.yaml", ("deploy:", f"preview: {{data: {{{DATA}: {FEW}}}, timeout: 10m}}\ndeploy:")),
)


@pytest.fixture(scope="session")
def asked_run(stage: Stage, first_run: RunRecord) -> RunRecord:
    """The project's first run, whose model is live. It takes the probe's image."""
    known = [run for run in stage.runs(PROJECT) if run.deployed]
    if known:
        return known[-1]

    def push() -> None:
        stage.put(f"data/{FEW}/few.csv", points(100))
        stage.put(f"data/{DATA}/first.csv", points(400))
        stage.put("code/asked/asked.zip", asked_archive())

    run = stage.next_run(PROJECT, push)
    assert (run.status, run.deployed) == ("SUCCEEDED", True), run.reason
    assert run.image_digest == first_run.image_digest
    return run


def strength_of(stage: Stage, run_id: str) -> float | None:
    """The parameter with which a run's model was trained, as its own process saw it."""
    key = f"runs/{run_id}/train/result.json"
    s3 = stage.cloud.client("s3")
    body = s3.get_object(Bucket=stage.settings["artifacts_bucket"], Key=key)["Body"].read()
    return StepResult.model_validate_json(body).metrics["strength"]
