"""What was acknowledged is there after a kill, and what ran is taken up again or ended with AWS's reason."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded import lifecycle
from embedded.durability.kills.running import run
from embedded.processes import start_time
from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.hosting import Hosting, prepare
from tests.embedded.process_image import ImageBuild
from tests.embedded.test_batch import Stack
from tests.embedded.test_batch_restart import CODE, HOST_LOST

pytestmark = pytest.mark.embedded

_SHORT, _FULL = 5, 200
_ENDLESS = "version: 0.2\nphases:\n  build:\n    commands:\n      - sleep 600\n"


def test_nothing_acknowledged_is_lost_by_kills(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Items, messages, objects, parameters, events on their way to a queue; five kills, 200 as a proof."""
    kills = _FULL if request.config.getoption("--proof") else _SHORT
    try:
        outcome = run(tmp_path / "state", kills=kills, seed=kills)
    finally:
        lifecycle.down(tmp_path / "state")
    assert all(len(each) > kills for each in outcome.acknowledged.values()), outcome.acknowledged
    assert outcome.missing == {name: [] for name in outcome.acknowledged}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Killed]":
    """A cloud with an endpoint, a job and a build, whose server was killed and started again."""
    folder = tmp_path_factory.mktemp("killed")
    try:
        yield Killed(folder)
    finally:
        lifecycle.down(folder)


class Killed:
    """What ran at the kill, and the ways to look at it, under the same sessions of roles as before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.cloud = self._up()
        self.hosting: Hosting = prepare(self.cloud)
        self.endpoint = self.hosting.endpoint(self.hosting.config("one"))
        image = ImageBuild(self.cloud)
        assert image.run()["buildStatus"] == "SUCCEEDED"
        self.job = Stack(self.cloud, image).submit(CODE, retryStrategy=HOST_LOST)
        wait_for(lambda: self.job_now()["status"] == "RUNNING")
        started = self._codebuild().start_build(projectName=image.name, buildspecOverride=_ENDLESS)
        self.build = started["build"]["id"]
        wait_for(lambda: self.build_now()["currentPhase"] == "BUILD")
        self._kill()

    def _up(self) -> CloudSession:
        status = lifecycle.up(self._folder)
        bundle = lifecycle.client_variables(self._folder)["AWS_CA_BUNDLE"]
        return CloudSession(self._folder, str(status.endpoint_url), str(status.tracking_uri), bundle)

    def _kill(self) -> None:
        pid = lifecycle.status(self._folder).server_pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: start_time(pid) is None)
        self._up()

    def _codebuild(self) -> Any:
        return self.cloud.client("codebuild")

    def job_now(self) -> Any:
        """The job."""
        return self.cloud.client("batch").describe_jobs(jobs=[self.job])["jobs"][0]

    def build_now(self) -> Any:
        """The build."""
        return self._codebuild().batch_get_builds(ids=[self.build])["builds"][0]


def test_an_endpoint_is_in_service_again(killed: Killed) -> None:
    """Its containers are started again; the caller's session of a role holds as well."""
    wait_for(lambda: killed.hosting.settled(killed.endpoint)["EndpointStatus"] == "InService")
    assert killed.hosting.answer(killed.endpoint) == "one"


def test_a_job_is_retried_as_its_strategy_says(killed: Killed) -> None:
    """Its attempt ended with its host, in the words of Batch."""
    wait_for(lambda: killed.job_now()["status"] in ("SUCCEEDED", "FAILED"))
    reasons = [attempt["statusReason"] for attempt in killed.job_now()["attempts"]]
    assert (killed.job_now()["status"], len(reasons)) == ("SUCCEEDED", 2)
    assert reasons[0].startswith("Host EC2 (instance")
    assert reasons[0].endswith("terminated.")


def test_a_build_ends_with_a_fault(killed: Killed) -> None:
    """CodeBuild's status for what is no fault of the build, and nothing of it runs on."""
    wait_for(lambda: killed.build_now()["buildComplete"])
    build = killed.build_now()
    assert build["buildStatus"] == "FAULT"
    faults = [phase for phase in build["phases"] if phase.get("phaseStatus") == "FAULT"]
    assert faults[0]["contexts"][0]["statusCode"] == "INTERNAL_ERROR"
