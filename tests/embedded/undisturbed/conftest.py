"""A cloud of their own: these tests break or kill whatever runs, and wait until a whole stage is quiet."""

from collections.abc import Iterator

import pytest

from embedded import lifecycle
from sluiceway.gateways.ledger import RunRecord
from tests.embedded.conftest import CloudSession, deployed, run_of_two_uploads, started
from tests.embedded.stage import Stage


@pytest.fixture(scope="session")
def cloud_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudSession]:
    """Not the one that other tests use."""
    cloud = started(tmp_path_factory.mktemp("undisturbed"))
    yield cloud
    lifecycle.down(cloud.state_dir)


@pytest.fixture(scope="session")
def stage(cloud_session: CloudSession) -> Stage:
    """Nobody else uploads to it."""
    return deployed(cloud_session)


@pytest.fixture(scope="session")
def first_run(stage: Stage) -> RunRecord:
    """The run that two plain uploads start."""
    return run_of_two_uploads(stage)
