"""`make demo`, as a person runs it: the summary is true, and nothing is left when it is stopped."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded import lifecycle

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def state(tmp_path_factory) -> Iterator[Path]:
    """A folder of its own for the cloud, which is down in the end."""
    folder = tmp_path_factory.mktemp("demo") / "state"
    yield folder
    lifecycle.down(folder)


def play(state: Path, folder: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "embedded.demo"],
        cwd=folder,
        env=os.environ | {"SLUICEWAY_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done, json.loads((folder / "build" / "demo" / "summary.json").read_text())


@pytest.fixture(scope="module")
def played(state, tmp_path_factory):
    """The demo, played once for all tests of this module."""
    return play(state, tmp_path_factory.mktemp("played"))


def test_both_runs_succeed_and_the_second_builds_nothing(played):
    """New data, same environment: the same image by digest, a new model version."""
    first, second = played[1]["runs"]
    assert [first["status"], second["status"]] == ["SUCCEEDED", "SUCCEEDED"]
    assert [first["images_built"], second["images_built"]] == [1, 0]
    assert first["image_digest"] == second["image_digest"]
    assert first["code_version"] == second["code_version"]
    assert first["dataset_version"] != second["dataset_version"]
    assert [first["model_version"], second["model_version"]] == ["1", "2"]


def test_the_endpoint_is_updated_without_a_failed_request(played):
    """It is asked without retries all the while."""
    summary = played[1]
    assert summary["requests_during_update"] > 20
    assert summary["failed_requests_during_update"] == 0
    assert summary["second_push_to_updated_endpoint"] > 0


def test_metrics_of_every_part_were_read_back(played):
    """Endpoint, jobs, functions and state machines."""
    summary = played[1]
    assert summary["datapoints"] > 0
    assert summary["metrics_parquet"].startswith("s3://")
    for namespace in ("AWS/SageMaker", "AWS/Lambda", "AWS/States", "Sluiceway"):
        assert namespace in played[0].stdout


def test_a_log_file_gets_plain_lines(played):
    """No colours, no cursor movements."""
    assert "\x1b" not in played[0].stdout
    assert "make down" in played[0].stdout


@pytest.mark.skipif("not config.getoption('--proof')", reason="slow; run with --proof")
def test_it_ends_well_again_without_a_restart(played, state, tmp_path):
    """Further months, the next model versions."""
    summary = play(state, tmp_path)[1]
    assert [run["model_version"] for run in summary["runs"]] == ["3", "4"]


def test_stopping_leaves_no_process(played, state):
    """What was started in this folder is gone."""
    lifecycle.down(state)
    assert not lifecycle.status(state).is_up
    assert not [path for path in Path("/proc").glob("[0-9]*") if _belongs(path, state)]


def _belongs(process: Path, state: Path) -> bool:
    try:
        return str(state).encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False
