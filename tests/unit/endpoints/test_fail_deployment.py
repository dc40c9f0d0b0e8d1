"""The bad end of a deployment: what was live is live."""

import pytest

from sluiceway.errors import LostRace, ServiceUnavailable
from sluiceway.models.version_tags import CHAMPION
from tests.fakes.run_world import PROJECT, RUN, World
from tests.unit.endpoints.deploying import SECOND, fail, finished, live_world, promote


def test_an_endpoint_with_the_new_configuration_goes_back() -> None:
    """It came up, but answered wrongly."""
    world, before = _updated()
    failed = fail(world, SECOND)
    world.hosting.settle(world.endpoint)
    assert world.hosting.endpoints[world.endpoint].config == before
    assert failed.reason == "the answers differ; the endpoint goes back to what it served before"
    live = world.ledger.endpoint(PROJECT)
    assert live is not None
    assert (live.model_version, world.registry.aliases[PROJECT, CHAMPION]) == ("1", "1")
    assert finished(world)[-1] == (SECOND, "FAILED")


def test_an_endpoint_that_went_back_by_itself_is_left_alone() -> None:
    """SageMaker's own rollback is enough."""
    world = live_world()
    world.start(SECOND, world.registered(SECOND))
    world.hosting.settle(world.endpoint, fails="unhealthy")
    assert fail(world, SECOND).reason.endswith("the endpoint serves what it served before")
    assert world.hosting.endpoints[world.endpoint].status == "InService"


def test_an_endpoint_that_was_never_live_is_deleted() -> None:
    """Nothing half done stays, and costs."""
    world = World()
    world.start(RUN, world.registered())
    world.hosting.settle(world.endpoint, fails="no capacity")
    fail(world, RUN, "1")
    assert world.hosting.endpoints == {}
    assert world.ledger.deployment(RUN).status == "FAILED"


def test_an_endpoint_that_is_changing_is_waited_for() -> None:
    """LostRace: the machine asks again."""
    world = live_world()
    world.start(SECOND, world.registered(SECOND))
    with pytest.raises(LostRace):
        fail(world, SECOND)
    assert world.ledger.deployment(SECOND).status == "IN_PROGRESS"


def test_asked_again_nothing_is_restored_again() -> None:
    """The first reason stands, and the next deployment may begin."""
    world, _ = _updated()
    fail(world, SECOND)
    assert fail(world, SECOND).reason == "the answers differ"
    assert "goes back" in world.ledger.deployment(SECOND).reason
    world.hosting.settle(world.endpoint)
    third = f"{RUN}-3"
    world.start(third, world.registered(third))


def test_a_deployment_that_failed_before_it_was_recorded_is_recorded() -> None:
    """For example because the registry was away; SageMaker was asked for nothing."""
    world = World()
    world.registered()
    fail(world, RUN, "1")
    record = world.ledger.deployment(RUN)
    assert (record.status, record.reason) == ("FAILED", "the answers differ")
    assert finished(world) == [(RUN, "FAILED")]


def test_a_model_that_is_live_by_the_ledger_stays_live() -> None:
    """Only the registry's mirror is behind: taking a verified model away would be worse."""
    world, _ = _updated()
    world.registry.away = True
    with pytest.raises(ServiceUnavailable):
        promote(world, SECOND)
    failed = fail(world, SECOND)
    assert failed.reason.startswith("version 2 is live, but the registry could not be told")
    assert world.hosting.endpoints[world.endpoint].status == "InService"
    assert world.ledger.deployment(SECOND).status == "SUCCEEDED"


def _updated() -> tuple[World, str]:
    world = live_world()
    before = world.hosting.endpoints[world.endpoint].config
    world.start(SECOND, world.registered(SECOND))
    world.hosting.settle(world.endpoint)
    return world, before
