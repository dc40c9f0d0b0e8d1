"""How far a deployment is."""

from sluiceway.gateways.table import equals
from tests.fakes.run_world import RUN, World
from tests.unit.endpoints.deploying import SECOND, check, live_world


def test_a_new_endpoint_is_in_progress_until_it_serves() -> None:
    """Creating, then in service."""
    world = World()
    world.start(RUN, world.registered())
    assert check(world, RUN).outcome == "IN_PROGRESS"
    world.hosting.settle(world.endpoint)
    assert check(world, RUN).outcome == "IN_SERVICE"


def test_in_service_with_the_old_configuration_is_a_failure() -> None:
    """SageMaker went back by itself: its reason is passed on."""
    world = live_world()
    world.start(SECOND, world.registered(SECOND))
    world.hosting.settle(world.endpoint, fails="the container did not answer /ping")
    checked = check(world, SECOND)
    assert checked.outcome == "FAILED"
    assert checked.reason.endswith("previous configuration: the container did not answer /ping")


def test_an_endpoint_that_never_came_up_is_a_failure() -> None:
    """With SageMaker's reason."""
    world = World()
    world.start(RUN, world.registered())
    world.hosting.settle(world.endpoint, fails="no capacity")
    assert check(world, RUN).reason == f"endpoint {world.endpoint} is Failed: no capacity"


def test_an_endpoint_that_somebody_deleted_is_a_failure() -> None:
    """It is not waited for."""
    world = World()
    world.start(RUN, world.registered())
    world.hosting.delete(world.endpoint)
    assert check(world, RUN).outcome == "FAILED"


def test_what_takes_too_long_is_a_failure() -> None:
    """By the clock of the ledger's record."""
    world = World()
    world.start(RUN, world.registered())
    _age(world)
    assert "still Creating after 45 minutes" in check(world, RUN).reason


def _age(world: World) -> None:
    world.ledger._table.change(
        f"DEPLOYMENT#{RUN}",
        "DEPLOYMENT",
        values={"started_at": "2020-01-01T00:00:00.000Z"},
        when=equals("status", "IN_PROGRESS"),
    )
