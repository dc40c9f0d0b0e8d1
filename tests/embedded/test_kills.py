"""What was acknowledged is there after kills; five of them, with `--proof` two hundred."""

from pathlib import Path

import pytest

from embedded import lifecycle
from embedded.durability.kills.running import run

pytestmark = pytest.mark.embedded

_SHORT, _FULL = 5, 200


def test_nothing_acknowledged_is_lost_by_kills(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Items, messages, objects, parameters, and events on their way to a queue; random moments, a fixed seed."""
    kills = _FULL if request.config.getoption("--proof") else _SHORT
    try:
        outcome = run(tmp_path / "state", kills=kills, seed=kills)
    finally:
        lifecycle.down(tmp_path / "state")
    assert all(len(each) > kills for each in outcome.acknowledged.values()), outcome.acknowledged
    assert outcome.missing == {name: [] for name in outcome.acknowledged}
