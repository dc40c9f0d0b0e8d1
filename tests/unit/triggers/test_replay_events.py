"""Recorded decisions through today's rules."""

import pytest

from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers import decide as rules
from sluiceway.triggers.contracts import CodePushed, DatasetVersioned
from sluiceway.triggers.decide import Verdict
from sluiceway.triggers.replay_events import Replay, ask_again, replay_events
from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    """One project, waiting for data, then requested, then unchanged."""
    world = World()
    run = world.started()
    world.finish(run, "SUCCEEDED")
    world.deliver(world.push_data())
    return world


def replayed(world: World) -> Replay:
    return replay_events(world.ledger.told(limit=None))


def test_the_same_rules_decide_the_same(world: World) -> None:
    """`requested` and `unchanged` are one to the rules: which of them it is, claiming finds out."""
    found = replayed(world)
    assert found.decisions >= 3
    assert (found.changed, found.unreadable) == ((), ())


@pytest.mark.parametrize(
    ("outcome", "key"), [("superseded", True), ("unchanged", True), ("ignored", True), ("queued", False)]
)
def test_what_acting_found_out_is_no_difference_of_the_rules(
    world: World, outcome: str, key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A moment of a schedule that had its turn, a run that was there already: the rules wanted the same."""
    told = world.ledger.told(limit=None)
    decision = next(each for each in told if isinstance(each, EventRecord) and each.run_key)
    if not key:
        rule_that_waits(monkeypatch)
    recorded = {"outcome": outcome, "run_key": decision.run_key if key else None}
    assert replay_events([decision.model_copy(update=recorded)]).changed == ()


def rule_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """From today on a new version of a dataset starts nothing."""
    refused = lambda *_: Verdict("ignored", "today we rest")  # noqa: E731
    monkeypatch.setattr(rules, "_RULES", dict(rules._RULES) | {DatasetVersioned: refused})


def test_what_todays_rules_decide_otherwise_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both decisions, and the key of the run that was wanted."""
    rule_that_waits(monkeypatch)
    changed = replayed(world).changed
    assert {(each.event, each.now.outcome) for each in changed} == {("DatasetVersioned", "ignored")}
    assert all(each.before.run_key and not each.now.run_key for each in changed)
    assert changed[0].now.reason == "today we rest"


def test_what_differs_is_asked_again_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under an id that follows from the old one and from what is decided now, for its project alone."""
    with monkeypatch.context() as patched:
        rule_that_waits(patched)
        (changed, *_) = replayed(world).changed
        (again, *_) = replayed(world).changed
    assert changed.replay_id == again.replay_id
    asked = ask_again(changed, world.ledger.told(limit=None))
    assert isinstance(asked, DatasetVersioned)
    assert (asked.project, asked.event_id) == ("flight-delay", changed.replay_id)
    (first,), (second,) = world.request(asked), world.request(asked)
    assert first == second
    assert first.event_id == f"{changed.replay_id}.flight-delay"


def test_a_decision_that_waited_for_nothing_starts_its_run_when_it_is_replayed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mistake was in the rules; today's ledger says what the run is made of."""
    with monkeypatch.context() as patched:
        wrong = lambda *_: Verdict("ignored", "a mistake")  # noqa: E731
        patched.setattr(rules, "_RULES", dict(rules._RULES) | {CodePushed: wrong})
        world.deliver(world.push_code(train_py="print('better')"))
    (changed,) = replayed(world).changed
    assert (changed.before.outcome, changed.now.outcome) == ("ignored", "requested")
    (decision,) = world.request(ask_again(changed, world.ledger.told(limit=None)))
    assert decision.outcome == "requested"
    assert (
        world.ledger.run(decision.run_id or "").code_version
        == world.ledger.code_pointer("flight-delay").code_version
    )  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "damage",
    [
        {"cause": {"event_id": "e"}},
        {"situation": {"project": "flight-delay"}},
        {"situation": {"project": "flight-delay", "code": None, "weather": "bad"}},
        {"event": "ModelDrifted"},
    ],
)
def test_records_of_another_release_are_named_and_never_end_the_replay(
    world: World, damage: dict[str, object]
) -> None:
    """Fields that were, or that will be."""
    told = world.ledger.told(limit=None)
    decision = next(each for each in told if isinstance(each, EventRecord) and each.situation)
    found = replay_events([decision.model_copy(update=damage), *told])
    assert [each.event_id for each in found.unreadable] == [decision.event_id]
    assert found.decisions >= 3


def test_settings_that_today_are_wrong_would_be_refused(world: World) -> None:
    """`sluice.yaml` was right when it was recorded."""
    told = world.ledger.told(limit=None)
    decision = next(each for each in told if isinstance(each, EventRecord) and each.situation)
    code = {**(decision.situation or {})["code"], "config": {"schedule": [{"name": "!"}]}}
    cause = {"event_id": "s", "project": "flight-delay", "schedule": "nightly", "scheduled_at": "t"}
    old = decision.model_copy(
        update={
            "event": "ScheduleFired",
            "cause": cause,
            "situation": {**(decision.situation or {}), "code": code},
        }
    )
    (changed,) = replay_events([old]).changed
    assert changed.now.outcome == "refused"
