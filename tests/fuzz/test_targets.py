"""Short and long fuzzing of every target. Long: `pytest --proof`, or `python -m tests.fuzz TARGET`."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import near
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

SHORT, LONG = 150, 20_000
"""Inputs of each target."""
LONG_SECONDS = 120
"""Of each target with atheris."""


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("target", TARGETS)
def test_what_is_kept_makes_no_target_fail(target: str) -> None:
    """Right inputs, the corpus of bad ones, and whatever fuzzing has found."""
    for seed in seeds(target):
        TARGETS[target](seed)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("target", TARGETS)
def test_inputs_near_the_kept_ones_make_no_target_fail(target: str, request: pytest.FixtureRequest) -> None:
    """Only the errors that are promised."""
    kept = seeds(target)

    @settings(
        max_examples=LONG if request.config.getoption("--proof") else SHORT,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=not request.config.getoption("--proof"),
    )
    @given(st.one_of(near(kept), st.binary(max_size=64)))
    def hold(data: bytes) -> None:
        TARGETS[target](data)

    hold()


@pytest.mark.timeout(3 * LONG_SECONDS)
@pytest.mark.parametrize("target", TARGETS)
def test_inputs_that_reach_new_code_make_no_target_fail(target: str, request: pytest.FixtureRequest) -> None:
    """With atheris, which sees which lines an input reaches; in the short form a few seconds for three."""
    pytest.importorskip("atheris")
    proof = request.config.getoption("--proof")
    if not proof and target not in ("archive", "sluice_yaml", "webhook"):
        pytest.skip("only with --proof")
    seconds = str(LONG_SECONDS if proof else 2)
    words = [sys.executable, "-m", "tests.fuzz", target, "--seconds", seconds]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
