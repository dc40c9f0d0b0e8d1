"""The good end of a run."""

import pytest

from sluiceway.training.contracts import FinishRunInput, FinishRunOutput
from sluiceway.training.finish_run import finish_run
from sluiceway.triggers.contracts import RunFinished
from tests.fakes.run_world import RUN, World


@pytest.mark.parametrize(("passed", "status"), [(True, "SUCCEEDED"), (False, "REJECTED")])
def test_the_gate_decides_the_end_state(passed: bool, status: str) -> None:
    """A rejected model is no failure."""
    world = _planned()
    _finish(world, passed=passed)
    run = world.ledger.run(RUN)
    assert (run.status, run.reason, run.model_version, run.deployed) == (status, "because", "3", passed)


def test_the_end_is_told_once_more_when_asked_again() -> None:
    """The event's id tells the repetition."""
    world = _planned()
    assert _finish(world) == _finish(world)
    told = [event for event in world.events.published if isinstance(event, RunFinished)]
    assert len(told) == 2
    assert len({event.event_id for event in told}) == 1


def test_an_end_that_stands_is_kept() -> None:
    """A run that was recorded as failed does not succeed afterwards."""
    world = _planned()
    world.ledger.finish_run(RUN, "FAILED", reason="aborted", owner="fail_run", at="2026-11-21T13:00:00.000Z")
    assert _finish(world).status == "FAILED"


def _planned() -> World:
    world = World()
    world.planned()
    return world


def _finish(world: World, *, passed: bool = True) -> FinishRunOutput:
    given = FinishRunInput(run_id=RUN, passed=passed, reason="because", model_version="3", deployed=passed)
    return finish_run(given, ledger=world.ledger, events=world.events)
