"""A check that cannot fail is worthless: each of these mistakes is found, and by which invariant."""

import time
from collections.abc import Iterator

import pytest

from tests.proofs.conftest import Note
from tests.proofs.driver import Story, drive
from tests.proofs.invariants import Violation
from tests.proofs.remembered import remembered
from tests.proofs.seeded_bugs import BUGS, RARE, seeded, story_of
from tests.proofs.test_histories import STEPS_LONG, STEPS_OF_A_HISTORY, STEPS_SHORT

HISTORIES = STEPS_SHORT // STEPS_OF_A_HISTORY
"""the same that the product itself survives in the short form"""


@pytest.fixture(scope="module")
def table(note: Note) -> Iterator[dict[str, dict[str, object]]]:
    """Which invariant found which bug, kept for the summary."""
    found: dict[str, dict[str, object]] = {}
    yield found
    note("seeded_bugs", bugs=found, found=len(found), missed=len(BUGS) - len(found))


def hunt(story: Story, most: int = HISTORIES) -> tuple[Violation, int, int] | None:
    """The first violation, and how many histories and steps it took."""
    steps = 0
    for seed in range(most):
        try:
            steps += drive(seed, steps=STEPS_OF_A_HISTORY, story=story).steps
        except Violation as violation:
            return violation, seed + 1, steps
    return None


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_is_found(name: str, table: dict[str, dict[str, object]], in_full: bool) -> None:
    """Within the budget that the product itself survives."""
    if name in RARE and not in_full:
        pytest.skip("shows in about one of a thousand histories: make proof")
    begun = time.perf_counter()
    with remembered(), seeded(name):
        found = hunt(story_of(name), STEPS_LONG // STEPS_OF_A_HISTORY if in_full else HISTORIES)
    assert found is not None, f"{BUGS[name].__doc__} was not found"
    violation, histories, _ = found
    table[name] = {
        "bug": BUGS[name].__doc__,
        "invariant": violation.name,
        "histories": histories,
        "seconds": round(time.perf_counter() - begun, 2),
    }


def test_there_are_bugs_enough() -> None:
    """At least twenty, each told in a sentence."""
    assert len(BUGS.keys() - RARE) >= 20
    assert all(bug.__doc__ for bug in BUGS.values())
