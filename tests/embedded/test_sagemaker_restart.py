"""Endpoints outlive their server: after an orderly stop and after a kill."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from embedded import lifecycle
from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.hosting import BUCKET, Hosting, prepare
from tests.embedded.test_sagemaker_guardrails import canary, phase

pytestmark = pytest.mark.embedded


def start(state_dir: Path) -> CloudSession:
    """A running cloud with this state."""
    status = lifecycle.up(state_dir)
    assert status.endpoint_url
    assert status.tracking_uri
    bundle = lifecycle.client_variables(state_dir)["AWS_CA_BUNDLE"]
    return CloudSession(state_dir, status.endpoint_url, status.tracking_uri, bundle)


def test_endpoints_come_back_after_a_restart(tmp_path: Path) -> None:
    """They serve what they served; containers of the stopped server are gone."""
    hosting = prepare(start(tmp_path))
    try:
        name = hosting.endpoint(hosting.config("one"))
        before = containers(tmp_path)
        lifecycle.down(tmp_path)
        assert before
        assert not any(Path(f"/proc/{pid}").exists() for pid in before)
        hosting = reached(start(tmp_path), hosting)
        hosting.settled(name)
        assert hosting.answer(name) == "one"
    finally:
        lifecycle.down(tmp_path)


def test_an_update_that_a_kill_cut_short_is_finished(tmp_path: Path) -> None:
    """What was asked for is on disk before it is begun."""
    cloud = start(tmp_path)
    hosting = prepare(cloud)
    try:
        name, second = hosting.endpoint(hosting.config("one")), hosting.config("two")
        lifecycle.down(tmp_path)  # An orderly stop saves what MiniStack holds; then it is killed.
        hosting = reached(start(tmp_path), hosting)
        hosting.settled(name)
        hosting.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
        pid = lifecycle.status(tmp_path).server_pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: lifecycle.status(tmp_path).server_pid is None)
        start(tmp_path)
        wait_for(lambda: hosting.settled(name)["EndpointConfigName"] == second)
        assert hosting.answer(name) == "two"
    finally:
        lifecycle.down(tmp_path)


def kill(state_dir: Path) -> None:
    """End the server as a power cut would."""
    pid = lifecycle.status(state_dir).server_pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: lifecycle.status(state_dir).server_pid is None)


def test_a_canary_that_a_kill_cut_short_goes_on(tmp_path: Path) -> None:
    """The old fleet comes back, and the deployment ends as it would have."""
    hosting = prepare(start(tmp_path))
    try:
        first, second = (
            hosting.config_of(hosting.variant(text) | {"VariantName": "main"}) for text in ("one", "two")
        )
        name = hosting.endpoint(first)
        hosting.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=second, DeploymentConfig=canary(wait=6)
        )
        wait_for(lambda: phase(hosting, name) == "Baking")
        kill(tmp_path)
        hosting = reached(start(tmp_path), hosting)
        wait_for(lambda: hosting.settled(name)["EndpointConfigName"] == second, seconds=60)
        assert hosting.answer(name) == "two"
    finally:
        lifecycle.down(tmp_path)


def test_what_waits_and_what_was_captured_outlives_its_server(tmp_path: Path) -> None:
    """A kill leaves the queue as it was; an orderly stop brings captured lines to S3."""
    hosting = prepare(start(tmp_path))
    try:
        queued, captured = asynchronous(hosting), capturing(hosting)
        scaled = [{"VariantName": "one", "DesiredInstanceCount": 0}]
        hosting.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=queued, DesiredWeightsAndCapacities=scaled
        )
        hosting.settled(queued)
        taken = hosting.runtime.invoke_endpoint_async(EndpointName=queued, Body=b"x")
        hosting.answer(captured)
        kill(tmp_path)
        hosting = reached(start(tmp_path), hosting)
        hosting.settled(queued)
        hosting.settled(captured)
        hosting.answer(captured)
        lifecycle.down(tmp_path)
        hosting = reached(start(tmp_path), hosting)
        hosting.settled(queued)
        s3 = hosting.cloud.client("s3")
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"out/captured/{captured}/").get("Contents", [])
        assert len(found) == 2
        scaled[0]["DesiredInstanceCount"] = 1
        hosting.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=queued, DesiredWeightsAndCapacities=scaled
        )
        key = taken["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
        wait_for(lambda: "Contents" in s3.list_objects_v2(Bucket=BUCKET, Prefix=key))
    finally:
        lifecycle.down(tmp_path)


def asynchronous(hosting: Hosting) -> str:
    """An asynchronous endpoint."""
    config = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out/async"}}
    return hosting.endpoint(hosting.config_of(hosting.variant("one"), AsyncInferenceConfig=config))


def capturing(hosting: Hosting) -> str:
    """An endpoint that captures what it answers."""
    capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/out/captured",
        "CaptureOptions": [{"CaptureMode": "Output"}],
    }
    return hosting.endpoint(hosting.config_of(hosting.variant("one"), DataCaptureConfig=capture))


def reached(cloud: CloudSession, hosting: Hosting) -> Hosting:
    """As root: sessions of roles end with the server that gave them."""
    runtime = cloud.client("sagemaker-runtime")
    return replace(hosting, sagemaker=cloud.client("sagemaker"), runtime=runtime)


def containers(state_dir: Path) -> list[int]:
    """The processes of model servers."""
    found = Path("/proc").glob("[0-9]*/cmdline")
    marked = (path for path in found if str(state_dir / "sagemaker") in path.read_text())
    return [int(path.parent.name) for path in marked]
