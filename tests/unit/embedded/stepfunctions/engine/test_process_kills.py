"""A process that is killed at random moments ends every execution as an undisturbed one does."""

import json
import random
from pathlib import Path

import pytest

from embedded.stepfunctions.language.definition import parse
from tests.unit.embedded.stepfunctions.engine.killed import evidence, machines, rounds

_SHORT, _FULL = 15, 200
_MOST_OF_A_ROUND = 25


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> evidence.Evidence:
    """How everything ends where nothing is killed."""
    folder = tmp_path_factory.mktemp("kills") / "undisturbed"
    rounds.undisturbed(folder)
    return evidence.read(folder)


@pytest.mark.parametrize("machine", machines.MACHINES)
def test_the_machines_are_such_as_aws_takes(machine: str) -> None:
    """A kill could change anything of what no cloud would run."""
    text = json.dumps(machines.definition(machine))
    assert parse(text) == json.loads(text)


def test_undisturbed_executions_end_well_and_badly(undisturbed: evidence.Evidence) -> None:
    """The mix holds both, so that a comparison with it says something."""
    assert undisturbed.faults == []
    assert {end[0] for end in undisturbed.ends.values()} == {"SUCCEEDED", "FAILED"}


def test_kills_at_random_moments_change_no_end(
    undisturbed: evidence.Evidence, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nor does a history tear, a call go unwritten, or anything happen twice; 200 kills as a proof."""
    wanted = _FULL if request.config.getoption("--proof") else _SHORT
    draw, kills, number = random.Random(wanted), 0, 0
    while kills < wanted:
        folder, number = tmp_path / str(number), number + 1
        kills += rounds.killed(folder, most=min(wanted - kills, _MOST_OF_A_ROUND), draw=draw)
        found = evidence.read(folder)
        assert found.faults == [], folder
        assert found.ends == undisturbed.ends, folder
