"""What an endpoint answers must be what the model answered when it was scored."""

import pytest

from sluiceway.endpoints.compare_answers import compare_answers
from sluiceway.errors import DeploymentFailed

EXPECTED = '{"predictions": [{"late": 0.25, "class": "on time"}, {"late": 0.75, "class": "late"}]}'


def test_rounding_is_tolerated() -> None:
    """Other machines round other."""
    assert compare_answers(EXPECTED, EXPECTED.replace("0.25", "0.25000001")) == 4


@pytest.mark.parametrize(
    ("answered", "says"),
    [
        (EXPECTED.replace("0.75", "0.76"), r"0\.76 at predictions\[1\]\.late.*0\.75"),
        (EXPECTED.replace("0.75", "null"), r"NaN at predictions\[1\]\.late"),
        (EXPECTED.replace('"class": "late"', '"class": "early"'), "early"),
        ('{"predictions": [0.25]}', "predictions"),
        ('{"error": "no model"}', "no predictions"),
        ("<html>Bad gateway</html>", "no JSON"),
        ('{"predictions": [NaN]}', "no JSON"),
    ],
)
def test_whatever_differs_is_named(answered: str, says: str) -> None:
    """Place, and both values."""
    with pytest.raises(DeploymentFailed, match=says):
        compare_answers(EXPECTED, answered)
