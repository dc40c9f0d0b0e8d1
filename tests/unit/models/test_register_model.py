"""One run, one model version."""

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.models.contracts import RegisterModelInput
from sluiceway.models.register_model import register_model
from sluiceway.models.version_tags import CHALLENGER
from sluiceway.triggers.contracts import ModelRegistered
from tests.fakes.run_world import PROJECT, RUN, VERSION, World, plan_uri


def test_a_version_tells_where_it_came_from() -> None:
    """Run, code, data, image and scores are tags; the alias points at it; the bus hears of it."""
    world = World()
    version = world.registered()
    made = world.registry.get_model_version(PROJECT, version)
    assert made.tags["sluiceway.run_id"] == RUN
    assert made.tags["sluiceway.code_version"] == VERSION
    assert made.tags["sluiceway.dataset.flights"] == "d" * 64
    assert made.tags["sluiceway.image_digest"].startswith("sha256:")
    assert made.tags["sluiceway.metric.roc_auc"] == "0.7"
    assert world.registry.aliases[PROJECT, CHALLENGER] == version
    assert world.ledger.run(RUN).model_version == version
    assert [
        event.model_version for event in world.events.published if isinstance(event, ModelRegistered)
    ] == ["1"]


def test_asked_again_nothing_is_registered_again() -> None:
    """MLflow would make a second version; the ledger knows the first."""
    world = World()
    _, uris = world.scored()
    assert [_register(world, uris), _register(world, uris)] == ["1", "1"]
    assert len(world.registry.versions[PROJECT]) == 1


def test_a_lost_answer_registers_nothing_twice() -> None:
    """The version was made, its answer lost: it is found by the run's id."""
    world = World()
    _, uris = world.scored()
    world.registry.lost_answers = 1
    with pytest.raises(ServiceUnavailable):
        _register(world, uris)
    assert _register(world, uris) == "1"
    assert len(world.registry.versions[PROJECT]) == 1
    assert world.ledger.run(RUN).model_version == "1"


def test_a_try_that_ended_before_the_alias_is_made_good() -> None:
    """The version was on record, MLflow away: asked again, the alias points at it."""
    world = World()
    _, uris = world.scored()
    world.registry.away = True
    with pytest.raises(ServiceUnavailable):
        _register(world, uris)
    assert world.ledger.run(RUN).model_version == "1"
    world.registry.away = False
    assert _register(world, uris) == "1"
    assert world.registry.aliases[PROJECT, CHALLENGER] == "1"


def test_a_late_repetition_does_not_move_the_alias_back() -> None:
    """A newer run has registered its version meanwhile."""
    world = World()
    world.registered()
    _, uris = world.scored()
    world.registry.create_model_version(PROJECT, source="s3://m", run_id="newer", model_id="m-2", tags={})
    world.registry.set_alias(PROJECT, CHALLENGER, "2")
    assert _register(world, uris) == "1"
    assert world.registry.aliases[PROJECT, CHALLENGER] == "2"


def _register(world: World, uris: tuple[str, ...]) -> str:
    given = RegisterModelInput(run_id=RUN, plan_uri=plan_uri(), result_uris=uris)
    return register_model(
        given, ledger=world.ledger, objects=world.objects, registry=world.registry, events=world.events
    ).model_version
