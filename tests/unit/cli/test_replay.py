"""`sluice replay`."""

import json

import pytest
from typer.testing import CliRunner

from sluiceway.cli.main import app
from sluiceway.triggers import decide as rules
from sluiceway.triggers.contracts import CodePushed
from sluiceway.triggers.decide import CAUSES, Verdict
from tests.fakes.world import World


@pytest.fixture
def world(fake) -> World:
    """A project whose push of code was ignored by a rule that is mended now."""
    world = World()
    object.__setattr__(fake.stage, "ledger", world.ledger)
    world.deliver(world.push_data())
    with pytest.MonkeyPatch.context() as patched:
        wrong = lambda *_: Verdict("ignored", "a mistake")  # noqa: E731
        patched.setattr(rules, "_RULES", dict(rules._RULES) | {CodePushed: wrong})
        world.deliver(world.push_code())
    return world


def replay(*options):
    return CliRunner().invoke(app, ["replay", "--since", "2026-11-01", *options])


def test_a_dry_run_shows_and_asks_nothing(world, fake):
    """Before and after, and why."""
    told = replay("--dry-run")
    assert "ignored" in told.stdout
    assert "requested" in told.stdout
    assert "1 would be others; 1 would be asked again" in told.stdout
    assert fake.bus.entries == []


def test_what_differs_is_asked_through_the_bus_and_replaying_again_asks_nothing_new(world, fake):
    """The event that asks follows from the old one; once it was decided, it is not asked again."""
    found = json.loads(replay("--json").stdout)
    (entry,) = fake.bus.entries
    cause = CAUSES[entry["DetailType"]].model_validate_json(entry["Detail"])
    assert [cause.event_id] == [each["replay_id"] for each in found["changed"]]
    assert [record.outcome for record in world.request(cause)] == ["requested"]
    assert json.loads(replay("--json").stdout)["asked_again"] == []
    assert len(fake.bus.entries) == 1


def test_only_the_named_projects_events_are_replayed(world, fake):
    """And only those since the given moment."""
    assert json.loads(replay("--project", "others", "--json").stdout)["decisions"] == 0
    assert "today's rules make the same of each" in replay("--project", "others").stderr


def test_a_replay_needs_a_moment(fake):
    """All of history is not meant by leaving it out."""
    assert CliRunner().invoke(app, ["replay"]).exit_code == 2
