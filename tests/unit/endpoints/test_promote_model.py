"""The good end of a deployment."""

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.models.version_tags import CHAMPION, DEPLOYMENT
from tests.fakes.run_world import PROJECT, RUN, World
from tests.unit.endpoints.deploying import SECOND, finished, live_world, promote


def test_ledger_and_registry_agree_on_the_champion() -> None:
    """The ledger decides, MLflow mirrors, the bus hears of it."""
    world = live_world()
    live = world.ledger.endpoint(PROJECT)
    assert live is not None
    assert (live.model_version, live.deployment_id, live.endpoint) == ("1", RUN, world.endpoint)
    assert world.registry.aliases[PROJECT, CHAMPION] == "1"
    assert world.registry.get_model_version(PROJECT, "1").tags[DEPLOYMENT] == RUN
    assert world.ledger.deployment(RUN).status == "SUCCEEDED"
    assert finished(world) == [(RUN, "SUCCEEDED")]


def test_the_ledger_moves_first_and_the_rest_is_repeated() -> None:
    """MLflow is away for a moment: asked again, the same deployment ends well."""
    world = _updated()
    world.registry.away = True
    with pytest.raises(ServiceUnavailable):
        promote(world, SECOND)
    assert world.ledger.deployment(SECOND).status == "IN_PROGRESS"
    world.registry.away = False
    promote(world, SECOND)
    assert world.registry.aliases[PROJECT, CHAMPION] == "2"
    assert world.ledger.deployment(SECOND).status == "SUCCEEDED"


def test_the_endpoint_is_free_for_the_next_deployment() -> None:
    """The claim ends with the deployment."""
    world = _updated()
    promote(world, SECOND)
    third = f"{RUN}-3"
    world.start(third, world.registered(third))
    assert world.ledger.deployment(third).previous_deployment_id == SECOND


def _updated() -> World:
    world = live_world()
    world.start(SECOND, world.registered(SECOND))
    world.hosting.settle(world.endpoint)
    return world
