"""The example project is a plain MLflow project that says clearly what is wrong with its data."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sluiceway.projects.read_project import read_project
from tests.fakes.samples import MemoryTree

PROJECT = Path(__file__).parents[3] / "projects" / "flight_delay"


def run(script: str, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one of its scripts as MLflow would."""
    command = [sys.executable, PROJECT / script, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def prepare(data: Path, output: Path) -> subprocess.CompletedProcess[str]:
    return run("prepare.py", "--data", data, "--output", output, cwd=output.parent)


def sample() -> pd.DataFrame:
    (path,) = (PROJECT / "sample").glob("*.parquet")
    return pd.read_parquet(path)


def test_the_platform_accepts_the_project() -> None:
    """MLproject, sluice.yaml and environment fit together."""
    paths = (path for path in PROJECT.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    tree = MemoryTree({path.relative_to(PROJECT).as_posix(): path.read_bytes() for path in paths})
    assert read_project(tree).config.project == "flight-delay"


def test_the_project_never_imports_the_platform() -> None:
    """No lock-in for the model author."""
    assert not [path for path in PROJECT.glob("*.py") if "import sluiceway" in path.read_text()]
    assert not [path for path in PROJECT.glob("*.py") if "from sluiceway" in path.read_text()]


def test_the_last_days_are_held_out_and_nothing_known_only_later_is_a_feature(tmp_path: Path) -> None:
    """Split by time: a model is judged on days that it has not seen."""
    done = prepare(PROJECT / "sample", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    train, holdout = (pd.read_parquet(tmp_path / "out" / f"{name}.parquet") for name in ("train", "holdout"))
    flights = sample().dropna(subset=["arr_delay"])
    assert len(holdout) == (flights["day"] > 24).sum()
    assert len(train) + len(holdout) == len(flights)
    assert not {"dep_delay", "arr_delay", "air_time", "dep_time"} & set(train.columns)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda flights: flights.head(0), "month.parquet holds no rows"),
        (lambda flights: flights.drop(columns=["dest"]), "month.parquet: missing column dest"),
        (lambda flights: flights.assign(arr_delay=None), "month.parquet: column arr_delay has no value"),
        (lambda flights: flights.assign(month=13), "no date"),
        (lambda flights: flights.assign(arr_delay=0), "not both delayed and punctual"),
    ],
)
def test_unusable_data_are_named(change: object, said: str, tmp_path: Path) -> None:
    """One line on stderr, with the file."""
    (tmp_path / "data").mkdir()
    change(sample()).to_parquet(tmp_path / "data" / "month.parquet")  # type: ignore[operator]
    done = prepare(tmp_path / "data", tmp_path / "out")
    assert done.returncode == 1
    assert said in done.stderr


def test_an_empty_dataset_and_a_broken_file_are_named(tmp_path: Path) -> None:
    """A folder without files, and a file that is no Parquet."""
    (tmp_path / "data").mkdir()
    assert "the dataset is empty" in prepare(tmp_path / "data", tmp_path / "out").stderr
    (tmp_path / "data" / "a.parquet").write_bytes(b"garbage")
    assert "a.parquet cannot be read as parquet" in prepare(tmp_path / "data", tmp_path / "out").stderr


def test_main_trains_on_the_sample_and_logs_a_model_with_a_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `mlflow run projects/flight_delay` does, in an environment that is there."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    done = run("main.py", "--data", PROJECT / "sample", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split("roc_auc=")[1].split()[0]) > 0.6
    (described,) = tmp_path.rglob("MLmodel")
    assert "carrier" in described.read_text().split("signature:")[1]
