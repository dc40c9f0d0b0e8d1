"""Executions end as undisturbed ones do, however often the server is killed."""

from collections.abc import Iterator

import pytest

from embedded import lifecycle
from tests.embedded.kills_of_executions import Outcome, run

pytestmark = pytest.mark.embedded

_SHORT, _FULL = 3, 30


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Outcome]:
    """What three kills did, or 30 as a proof."""
    kills = _FULL if request.config.getoption("--proof") else _SHORT
    folder = tmp_path_factory.mktemp("kills")
    try:
        yield run(folder, kills=kills, seed=kills)
    finally:
        lifecycle.down(folder)


def test_undisturbed_executions_end_well_and_badly(outcome: Outcome) -> None:
    """So that a comparison with them says something."""
    ends = {name: end[0] for name, end in outcome.undisturbed.items() if end}
    assert ends == dict.fromkeys(outcome.undisturbed, "SUCCEEDED") | {"failing": "FAILED"}


def test_what_was_acknowledged_ends_as_if_nothing_was_killed(outcome: Outcome) -> None:
    """StartExecution's answer is a promise; status, output and error are those of an undisturbed one."""
    assert outcome.ends.keys() == outcome.undisturbed.keys()
    for machine, ends in outcome.ends.items():
        assert ends == dict.fromkeys(ends, outcome.undisturbed[machine])


def test_histories_are_whole(outcome: Outcome) -> None:
    """No gap, no event that follows a later one, one end."""
    assert outcome.ends
    assert outcome.torn == []


def test_each_change_of_status_is_told(outcome: Outcome) -> None:
    """EventBridge's events reach a rule's queue at least once."""
    assert outcome.told_of
    assert outcome.untold == set()
