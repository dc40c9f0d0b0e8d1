"""An alias that a person moves starts one deployment; what the platform does itself starts none."""

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.models.version_tags import CHAMPION
from tests.fakes.run_world import AT, PROJECT
from tests.fakes.samples import code_pointer
from tests.unit.endpoints.asking import Asking
from tests.unit.endpoints.deploying import fail, promote


@pytest.fixture
def asking() -> Asking:
    """Version 1 is live, 2 and 3 are registered."""
    asking = Asking()
    asking.world.ledger.move_code_pointer(code_pointer(project=PROJECT, moved_at=AT))
    asking.go_live(model_version="1")
    return asking


def move(asking: Asking, version: str) -> None:
    """What a person does in MLflow's pages."""
    asking.world.registry.set_alias(PROJECT, CHAMPION, version)


def test_an_alias_that_a_person_moved_is_deployed_once(asking: Asking) -> None:
    """However often it is looked, and however it was noticed."""
    move(asking, "2")
    assert asking.sweep().asked == (PROJECT,)
    assert (asking.sweep().asked, asking.sweep(PROJECT).asked) == ((), ())
    (wish,) = asking.wishes()
    assert (wish.model_version, wish.trigger) == ("2", "registry")
    asking.carry_out(asking.deliver(wish))
    assert (asking.live, asking.sweep().asked) == ("2", ())


def test_the_sweep_and_the_registrys_own_notice_make_one_event(asking: Asking) -> None:
    """Both look before either has noted it."""
    move(asking, "2")
    asking.sweep()
    asking.world.ledger.note_champion(PROJECT, "1")
    asking.sweep(PROJECT)
    one, other = asking.wishes()
    assert one == other


def test_what_the_platform_moves_is_no_wish(asking: Asking) -> None:
    """Neither while a deployment is under way nor after it."""
    second = asking.ask(model_version="2")
    asking.begin(second.deployment_id)
    move(asking, "3")
    assert asking.sweep().asked == ()
    asking.world.hosting.settle(asking.world.endpoint)
    asking.carry_out(second)
    assert (asking.live, asking.sweep().asked) == ("2", ())


def test_a_mirror_that_lags_behind_is_no_wish(asking: Asking) -> None:
    """The ledger moved, and MLflow could not be told: nobody wants the old version back."""
    second = asking.begin(asking.ask(model_version="2").deployment_id)
    asking.world.hosting.settle(asking.world.endpoint)
    asking.world.registry.away = True
    with pytest.raises(ServiceUnavailable):
        promote(asking.world, second)
    fail(asking.world, second)
    assert (asking.live, asking.world.registry.aliases[PROJECT, CHAMPION]) == ("2", "1")
    assert asking.sweep().asked == ()


def test_a_deployment_that_failed_is_not_tried_again(asking: Asking) -> None:
    """The alias stays where the person put it; the ledger says what came of it."""
    move(asking, "2")
    asking.sweep()
    deployment = asking.begin(asking.deliver(asking.wishes()[0]).deployment_id)
    asking.world.hosting.settle(asking.world.endpoint)
    fail(asking.world, deployment)
    assert (asking.live, asking.sweep().asked) == ("1", ())


def test_moving_it_back_right_after_a_deployment_is_a_wish(asking: Asking) -> None:
    """Though no sweep came between."""
    asking.go_live(model_version="2")
    move(asking, "1")
    assert asking.sweep().asked == (PROJECT,)


def test_a_first_version_is_deployed_by_its_alias() -> None:
    """Of a project whose models wait for approval, and which has no endpoint yet."""
    asking = Asking()
    asking.world.ledger.move_code_pointer(code_pointer(project=PROJECT, moved_at=AT))
    move(asking, "3")
    asking.sweep()
    asking.carry_out(asking.deliver(asking.wishes()[0]))
    assert asking.live == "3"


def test_models_of_others_on_the_same_server_are_left_alone(asking: Asking) -> None:
    """Whatever they are called."""
    for name in ("somebody-elses", "With Spaces", "x"):
        asking.world.registry.aliases[name, CHAMPION] = "1"
    assert asking.sweep().asked == ()


def test_an_event_that_the_bus_did_not_take_is_asked_for_again(asking: Asking) -> None:
    """Noted only after it was published."""
    move(asking, "2")
    asking.world.events.refuse = 1
    with pytest.raises(ServiceUnavailable):
        asking.sweep()
    assert asking.sweep().asked == (PROJECT,)
