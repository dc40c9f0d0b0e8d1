"""Whatever happens to messages, calls, clocks and workers, every event takes effect exactly once.

The rules are in `driver`, the invariants in `invariants`. Hypothesis draws short histories and shrinks what
it finds, and a seeded generator draws long ones: in the long form more than a million steps.
"""

import time

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.proofs.conftest import Note
from tests.proofs.deployments import DEPLOYMENTS
from tests.proofs.driver import UPLOADS, History, drive
from tests.proofs.github_causes import DELIVERIES
from tests.proofs.remembered import remembered

STEPS_SHORT, STEPS_LONG = 100_000, 1_400_000
STEPS_OF_A_HISTORY = 400
STORIES = {
    "histories": (UPLOADS, 0.7),
    "histories_of_github": (DELIVERIES, 0.2),
    "histories_of_deployments": (DEPLOYMENTS, 0.1),
}
"""By name: what happens, and which share of the steps."""
number = st.integers(0, 1 << 10)


class Histories(RuleBasedStateMachine):
    """The rules one by one, so that a failure is shown as the shortest history that leads to it."""

    history: History

    @initialize(exact=st.booleans(), skewed=st.booleans())
    def begin(self, exact: bool, skewed: bool) -> None:
        """Causes come one by one and are compared with the undisturbed history, or they come as they like."""
        self.history = History(exact=exact, skewed=skewed)

    @rule(which=number, what=number)
    def cause(self, which: int, what: int) -> None:
        """Somebody uploads or asks for something."""
        self._do(History.cause, which, what)

    @precondition(lambda self: self.history.cloud.pending)
    @rule(which=number, skew=number)
    def deliver(self, which: int, skew: int) -> None:
        """A message goes to a worker."""
        self._do(History.deliver, which, skew)

    @precondition(lambda self: self.history.cloud.working)
    @rule(which=number)
    def advance(self, which: int) -> None:
        """A worker makes its next call."""
        self._do(History.advance, which, 0)

    @precondition(lambda self: self.history.cloud.working)
    @rule(which=number, how=number)
    def break_call(self, which: int, how: int) -> None:
        """A worker's next call goes wrong."""
        self._do(History.break_call, which, how)

    @precondition(lambda self: self.history.cloud.working)
    @rule(which=number)
    def kill(self, which: int) -> None:
        """A worker is killed."""
        self._do(History.kill, which, 0)

    @precondition(lambda self: self.history.cloud.done)
    @rule(which=number, skew=number)
    def again(self, which: int, skew: int) -> None:
        """A message comes once more."""
        self._do(History.again, which, skew)

    @rule(which=number)
    def drop(self, which: int) -> None:
        """A message is lost, and comes back later."""
        self._do(History.drop, which, 0)

    @rule(which=number)
    def redeliver(self, which: int) -> None:
        """What was lost comes after all."""
        self._do(History.redeliver, which, 0)

    @rule(which=number)
    def stop(self, which: int) -> None:
        """An execution is stopped."""
        self._do(History.stop, which, 0)

    @rule(how_long=number, how_far=number)
    def tick(self, how_long: int, how_far: int) -> None:
        """Time passes."""
        self._do(History.tick, how_long, how_far)

    @rule()
    def quiet(self) -> None:
        """No more faults, for once: everything is worked off."""
        self._do(History.quiet, 0, 0)

    def _do(self, act: object, first: int, second: int) -> None:
        act(self.history, first, second)  # type: ignore[operator]
        self.history.cloud.invariants.check()

    def teardown(self) -> None:
        """In the end everything comes to rest."""
        if hasattr(self, "history"):
            try:
                self.history.quiet(0, 0)
            finally:
                self.history.close()


def machine_settings(*, histories: int, steps: int, shrink: bool = True) -> settings:
    """How many histories of how many steps are drawn."""
    return settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        derandomize=True,
        database=None,
    )


def test_every_event_takes_effect_once_in_drawn_histories(in_full: bool) -> None:
    """Hypothesis; what it finds is printed as a short program."""
    with remembered():
        run_state_machine_as_test(
            Histories, settings=machine_settings(histories=2000 if in_full else 60, steps=60)
        )


@pytest.mark.parametrize("name", STORIES)
def test_every_event_takes_effect_once_in_long_histories(name: str, in_full: bool, note: Note) -> None:
    """By seeds; every second one is compared with the undisturbed history in every effect."""
    story, share = STORIES[name]
    wanted, begun = share * (STEPS_LONG if in_full else STEPS_SHORT), time.perf_counter()
    figures = dict.fromkeys(("steps", "histories", "faults", "crashes", "uploads", "runs"), 0)
    with remembered():
        while figures["steps"] < wanted:
            made = drive(figures["histories"], steps=STEPS_OF_A_HISTORY, story=story)
            for each, value in _figures_of(made).items():
                figures[each] += value
    note(name, **figures, seconds=round(time.perf_counter() - begun, 1), lost=0, doubled=0)


def _figures_of(made: History) -> dict[str, int]:
    cloud = made.cloud
    counted = {"steps": made.steps, "faults": cloud.faults, "crashes": cloud.crashes}
    return counted | {"histories": 1, "uploads": len(cloud.uploaded), "runs": len(cloud.starts)}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_is_a_history(seed: int) -> None:
    """What a seed finds, it finds again."""
    with remembered():
        first, second = (drive(seed, steps=200) for _ in range(2))
    assert first.cloud.table.items == second.cloud.table.items
