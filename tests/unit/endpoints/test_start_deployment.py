"""The beginning of a deployment."""

import pytest

from sluiceway.endpoints.resource_names import deployment_resource, endpoint_name
from sluiceway.errors import LostRace
from tests.fakes.run_world import PREFIX, PROJECT, RUN, World
from tests.unit.endpoints.deploying import SECOND, live_world


def test_the_first_deployment_creates_the_endpoint() -> None:
    """Model and configuration are named after the deployment; the model runs the pinned image."""
    world = World()
    started = world.start(RUN, world.registered())
    model = world.hosting.models[started.endpoint_config]
    endpoint = world.hosting.endpoints[started.endpoint]
    assert (endpoint.status, endpoint.config) == ("Creating", started.endpoint_config)
    assert "@sha256:" in model.image
    assert model.artifact_uri == f"s3://artifacts/m-{RUN}"
    assert world.ledger.deployment(RUN).previous_endpoint_config is None


def test_a_later_deployment_updates_it_and_remembers_what_was_live() -> None:
    """So that a failure can bring it back."""
    world = live_world()
    before = world.hosting.endpoints[world.endpoint].config
    world.start(SECOND, world.registered(SECOND))
    record = world.ledger.deployment(SECOND)
    assert (record.previous_endpoint_config, record.previous_deployment_id) == (before, RUN)
    assert world.hosting.endpoints[world.endpoint].pending_config == record.endpoint_config


def test_asked_again_nothing_is_asked_of_sagemaker_again() -> None:
    """While it changes, and when it has changed."""
    world = live_world()
    version = world.registered(SECOND)
    first = world.start(SECOND, version)
    assert world.start(SECOND, version) == first
    world.hosting.settle(world.endpoint)
    assert world.start(SECOND, version) == first
    assert world.ledger.deployment(SECOND).previous_deployment_id == RUN
    assert world.hosting.endpoints[world.endpoint].status == "InService"


def test_two_deployments_of_a_project_wait_for_each_other() -> None:
    """The second is told to come back, and nothing of it is recorded."""
    world = live_world()
    version = world.registered(SECOND)
    world.start(SECOND, version)
    third = f"{RUN}-3"
    with pytest.raises(LostRace, match="under way"):
        world.start(third, world.registered(third))
    assert world.ledger.find_deployment(third) is None


def test_an_endpoint_that_is_being_restored_is_waited_for() -> None:
    """What it serves meanwhile is not what was live before."""
    world = live_world()
    world.hosting.update(world.endpoint, "something-else")
    with pytest.raises(LostRace, match="Updating"):
        world.start(SECOND, world.registered(SECOND))
    assert world.ledger.find_deployment(SECOND) is None


@pytest.mark.parametrize("project", [PROJECT, "a" * 39, "ab-" * 13])
def test_names_are_what_sagemaker_takes(project: str) -> None:
    """At most 63 characters, and no hyphen at the end."""
    prefix = "sluiceway-abcdefghijkl"
    for name in (
        endpoint_name(prefix, project),
        deployment_resource(prefix, project, f"{project}-0123456789ab"),
    ):
        assert len(name) <= 63
        assert not name.endswith("-")
    assert deployment_resource(PREFIX, project, "a") != deployment_resource(PREFIX, project, "b")


def test_no_project_shares_its_endpoint_with_another() -> None:
    """SageMaker takes no hyphen at the end: without it `ab-` must not become `ab`."""
    assert endpoint_name(PREFIX, "ab-") != endpoint_name(PREFIX, "ab")
    assert endpoint_name(PREFIX, "ab--") != endpoint_name(PREFIX, "ab-")
