"""A job in flight survives its server: the next one writes the attempt down as lost and runs another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import lifecycle
from tests.embedded.conftest import CloudSession, wait_for
from tests.embedded.process_image import ImageBuild
from tests.embedded.test_batch import Stack

pytestmark = pytest.mark.embedded

HOST_LOST = {"attempts": 2, "evaluateOnExit": [{"onStatusReason": "Host EC2*", "action": "RETRY"}]}
MARK = "import os, time; print(os.environ['AWS_BATCH_JOB_ATTEMPT'], flush=True); "
# The first attempt never ends by itself.
CODE = MARK + "time.sleep(0 if os.environ['AWS_BATCH_JOB_ATTEMPT'] == '2' else 600)"


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[CloudSession]:
    """A cloud that may be stopped."""
    yield _up(tmp_path)
    lifecycle.down(tmp_path)


def _up(state_dir: Path) -> CloudSession:
    status = lifecycle.up(state_dir)
    variables = lifecycle.client_variables(state_dir)
    return CloudSession(
        state_dir, str(status.endpoint_url), str(status.tracking_uri), variables["AWS_CA_BUNDLE"]
    )


def test_a_job_in_flight_at_a_stop_is_run_again(own_cloud: CloudSession) -> None:
    """Its process is gone with the server; its retry strategy decides on the host that was lost."""
    image = ImageBuild(own_cloud)
    assert image.run()["buildStatus"] == "SUCCEEDED"
    stack = Stack(own_cloud, image)
    job_id = stack.submit(CODE, retryStrategy=HOST_LOST)
    batch = own_cloud.client("batch")
    wait_for(lambda: batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] == "RUNNING")
    lifecycle.down(own_cloud.state_dir)
    _up(own_cloud.state_dir)
    wait_for(lambda: batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] in ("SUCCEEDED", "FAILED"))
    detail = batch.describe_jobs(jobs=[job_id])["jobs"][0]
    assert detail["status"] == "SUCCEEDED", detail
    reasons = [attempt["statusReason"] for attempt in detail["attempts"]]
    assert reasons[0].startswith("Host EC2")
    assert len(reasons) == 2
