"""Nothing starts runs of a retired project by itself, and nobody is told that it waits in vain."""

import pytest

from sluiceway.datasets.refuse_query import refuse_query
from sluiceway.datasets.settle_time import settle_time
from sluiceway.projects.sluice_yaml import validate
from sluiceway.triggers.contracts import CodePushed, RunAsked, ScheduleFired
from tests.fakes.samples import AT, SLUICE_YAML
from tests.fakes.world import World
from tests.unit.datasets.queries import QueryWorld

PROJECT = "flight-delay"
WHY = "commit 0123 of octo-org/models@main no longer holds it"
SCHEDULED = f"{SLUICE_YAML}schedule: {{name: nightly, interval: 1h, always: true}}\n"


def retire(world: World | QueryWorld) -> None:
    """As a push without the project does."""
    latest = world.ledger.code_pointer(PROJECT)
    assert latest is not None
    changes = {"retired": WHY, "event_id": "push", "order": f"{latest.order}+"}
    assert world.ledger.retire_code(latest.model_copy(update=changes), latest).ours


@pytest.fixture
def world() -> World:
    """A project with a schedule and data, which had one run, and is retired."""
    world = World()
    world.deliver(world.push_code(sluice_yaml=SCHEDULED))
    world.deliver(world.push_data())
    retire(world)
    return world


def test_a_new_version_of_its_data_is_ignored(world: World) -> None:
    """The decision is on record, with the reason."""
    (decision,) = world.deliver(world.push_data(b"more"))
    assert (decision.outcome, decision.reason) == ("ignored", f"the project is retired: {WHY}")
    assert len(world.ledger.runs()) == 1


def test_a_moment_of_its_schedule_that_is_still_under_way_is_ignored(world: World) -> None:
    """Scheduler delivers for a day if need be; no turn is taken."""
    fired = ScheduleFired(event_id="m1", project=PROJECT, schedule="nightly", scheduled_at=AT)
    (decision,) = world.request(fired)
    assert decision.outcome == "ignored"
    assert world.ledger.turn(PROJECT, "nightly") is None


def test_a_push_that_was_told_late_is_ignored(world: World) -> None:
    """Its code version is still what the pointer names."""
    pushed = next(event for event in world.events.published if isinstance(event, CodePushed))
    (decision,) = world.request(pushed.model_copy(update={"event_id": "late"}))
    assert decision.outcome == "ignored"


def test_who_asks_for_a_run_names_a_version_or_is_refused(world: World) -> None:
    """What a person wants is possible, but never by accident."""
    latest = world.ledger.code_pointer(PROJECT)
    assert latest is not None
    (refused,) = world.request(RunAsked(event_id="a1", project=PROJECT, force=True))
    named = RunAsked(event_id="a2", project=PROJECT, force=True, code_version=latest.code_version)
    (asked,) = world.request(named)
    assert (refused.outcome, asked.outcome) == ("refused", "requested")
    assert "name one of its code versions" in refused.reason


def test_an_upload_brings_it_back(world: World) -> None:
    """Its code is the latest again, and what happened to the data since is taken up."""
    world.deliver(world.push_data(b"more"))
    (decision,) = world.deliver(world.push_code(sluice_yaml=SCHEDULED))
    assert decision.outcome == "requested"
    assert not world.ledger.is_retired(PROJECT)


def test_its_settle_time_counts_no_more() -> None:
    """Others' data do not wait for it."""
    world = World()
    config = SLUICE_YAML.replace("data: [flights]", "data: {flights: {settle: 2h}}")
    world.deliver(world.push_code(sluice_yaml=validate(config) and config))
    assert settle_time("flights", ledger=world.ledger, default=30) == 7200
    retire(world)
    assert settle_time("flights", ledger=world.ledger, default=30) == 30


def test_data_that_cannot_be_used_are_no_failed_run_of_it(world: World) -> None:
    """Nobody waits for one."""
    world.deliver(world.push_data(b"not json", path="_MANIFEST.json"))
    refuse_query(
        "flights",
        event_id="q",
        reason="no",
        trigger="schedule",
        at=AT,
        ledger=world.ledger,
        events=world.events,
    )
    assert [run.status for run in world.ledger.runs()] == ["REQUESTED"]


@pytest.mark.parametrize(("trigger", "outcome"), [("schedule", "ignored"), ("api", "refused")])
def test_its_query_is_asked_no_more(trigger: str, outcome: str) -> None:
    """Another project may take the query over."""
    world = QueryWorld()
    world.defined()
    retire(world)
    assert world.ask(trigger=trigger).outcome == outcome
    assert not world.executions.started
