"""What all proofs share: which form they run in, and where their figures go."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.proofs import figures

Note = Callable[..., None]


@pytest.fixture(scope="session")
def in_full(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms were asked for (`--proof`)."""
    return bool(request.config.getoption("--proof"))


@pytest.fixture(scope="session")
def note(in_full: bool) -> Note:
    """Keep a proof's figures under its name."""
    return partial(figures.keep, in_full=in_full)
