"""Endpoints outlive their server: after an orderly stop and after a kill."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from embedded import lifecycle
from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.hosting import Hosting, prepare

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


def reached(cloud: CloudSession, hosting: Hosting) -> Hosting:
    """As root: sessions of roles end with the server that gave them."""
    runtime = cloud.client("sagemaker-runtime")
    return replace(hosting, sagemaker=cloud.client("sagemaker"), runtime=runtime)


def containers(state_dir: Path) -> list[int]:
    """The processes of model servers."""
    found = Path("/proc").glob("[0-9]*/cmdline")
    marked = (path for path in found if str(state_dir / "sagemaker") in path.read_text())
    return [int(path.parent.name) for path in marked]
