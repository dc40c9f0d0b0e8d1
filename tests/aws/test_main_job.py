"""The main job in an AWS account, against a stage that `cdk deploy --all` has deployed there.

Off by default: it starts builds, jobs and an endpoint, which cost money until `EndpointName` is deleted.

    SLUICEWAY_AWS_TESTS=1 SLUICEWAY_STAGE=dev python -m pytest tests/aws
"""

import importlib.util
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

pytestmark = [pytest.mark.aws, pytest.mark.timeout(3600)]
START_SECONDS = 300
PROJECT = Path(__file__).parents[2] / "projects" / "flight_delay"


def sluice(*arguments: str) -> Any:
    """The command's JSON, under the credentials of the shell."""
    command = [str(Path(sys.executable).parent / "sluice"), *arguments, "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def month(number: int, cache: Path) -> Path:
    """A month of real flights."""
    spec = importlib.util.spec_from_file_location("fetch_months", PROJECT / "fetch_months.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Path(module.fetch_month(number, cache))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The newest run, after code and a month were pushed and the run was followed to its end."""
    boto3.client("sts").get_caller_identity()  # A clear error where there are no credentials.
    pushed_at = datetime.now(UTC).isoformat()
    sluice("push", "code", str(PROJECT))
    sluice("push", "data", "flights", str(month(1, tmp_path_factory.mktemp("flights"))))
    started = _run_since(pushed_at)
    subprocess.run([str(Path(sys.executable).parent / "sluice"), "watch", started["run_id"]], check=False)
    return _run_since(pushed_at)


def _run_since(moment: str) -> dict[str, Any]:
    """Wait until the upload has settled and its run was requested."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        runs = sluice("runs", "--project", "flight-delay", "--limit", "1")
        if runs and runs[0]["requested_at"] >= moment:
            return dict(runs[0])
        time.sleep(5)
    raise AssertionError(f"no run was requested within {START_SECONDS} s: were the same inputs run before?")


def test_a_push_becomes_a_served_model(run: dict[str, Any]) -> None:
    """Docker on CodeBuild, Fargate, the managed MLflow app, SageMaker: what only AWS can prove."""
    assert run["status"] == "SUCCEEDED", run["reason"]
    assert run["deployed"]


def test_the_endpoint_is_in_service(run: dict[str, Any]) -> None:
    """As SageMaker sees it."""
    endpoint = next(each for each in sluice("endpoints") if each["project"] == "flight-delay")
    described = boto3.client("sagemaker").describe_endpoint(EndpointName=endpoint["endpoint"])
    assert described["EndpointStatus"] == "InService"
