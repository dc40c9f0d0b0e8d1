"""`sluice events`."""

import itertools
import json
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from sluiceway.cli.events import _line, follow_events
from sluiceway.cli.main import app
from sluiceway.cli.moments import moment
from tests.fakes.samples import event_record

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def record(fake, event_id: str, at: str, **more) -> None:
    assert fake.ledger.record_event(event_record(event_id=event_id, recorded_at=at, **more)).ours


@pytest.fixture
def three(fake):
    """Three events on three days, the middle one refused."""
    record(fake, "e1", "2026-11-19T12:00:00.000Z", project="flights")
    record(fake, "e2", "2026-11-20T00:00:00.000Z", project="planes", outcome="refused", reason="no zip")
    record(fake, "e3", "2026-11-21T12:00:00.000Z", project="flights")
    return fake


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], ["e3", "e2", "e1"]),
        (["--since", "2026-11-20"], ["e3", "e2"]),
        (["--project", "flights", "--since", "2026-11-20"], ["e3"]),
        (["--outcome", "refused"], ["e2"]),
        (["--limit", "1"], ["e3"]),
    ],
)
def test_events_are_listed_newest_first(three, options, ids):
    """By project, outcome and time; programs read what people see."""
    listed = json.loads(CliRunner().invoke(app, ["events", "--json", *options]).stdout)
    assert [event["event_id"] for event in listed] == ids


def test_people_see_the_reason(three):
    """In one line for each event."""
    assert "no zip" in CliRunner().invoke(app, ["events"]).stdout


@pytest.mark.parametrize(
    "options", [["--outcome", "lost"], ["--since", "yesterday"], ["--since", ""], ["--limit", "0"]]
)
def test_a_wrong_option_is_a_wrong_usage(three, options):
    """Exit code 2, and what would be right."""
    assert CliRunner().invoke(app, ["events", *options]).exit_code == 2


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", "2026-11-21T11:58:30.000Z"),
        ("2h", "2026-11-21T10:00:00.000Z"),
        ("1w", "2026-11-14T12:00:00.000Z"),
        ("2026-11-20", "2026-11-20T00:00:00.000Z"),
        ("2026-11-20T12:00", "2026-11-20T12:00:00.000Z"),
        ("2026-11-20T12:00:00+01:00", "2026-11-20T11:00:00.000Z"),
    ],
)
def test_a_moment_is_how_long_ago_or_a_time(text, meant):
    """Without a zone it is UTC, as everything in the ledger."""
    assert moment(text, NOW) == meant


@pytest.mark.parametrize("text", ["", "yesterday", "-2h", "2y", "9999999d", "2026-13-01", "२h"])
def test_what_is_no_moment_is_refused(text):
    """With what can be given."""
    with pytest.raises(typer.BadParameter, match="is no moment"):
        moment(text, NOW)


def test_events_of_another_release_are_counted_and_named(three):
    """A release that was rolled back has left an outcome that this one does not know."""
    three.ledger._table.items["EVENT#e2", "EVENT"]["outcome"] = "teleported"
    result = CliRunner().invoke(app, ["events", "--json"])
    assert [event["event_id"] for event in json.loads(result.stdout)] == ["e3", "e1"]
    assert "1 left out: recorded by another release, this one cannot read e2" in result.stderr


@pytest.mark.parametrize(("name", "written"), [("outcome", "teleported"), ("cause", "{half")])
def test_an_event_of_another_release_is_named_by_why(three, name, written):
    """What to do about it, and no traceback."""
    three.ledger._table.items["EVENT#e2", "EVENT"][name] = written
    result = CliRunner().invoke(app, ["why", "e2"])
    assert result.exit_code == 1
    assert "event e2 was recorded by another release" in result.stderr
    assert "install the release of the stage" in result.stderr


def test_following_tells_each_event_once(three):
    """The index may lag behind, so the last seconds are looked at again and again."""
    followed = follow_events(three.stage, {}, since="2026-11-20", poll_seconds=0)
    assert [event.event_id for event in itertools.islice(followed, 2)] == ["e2", "e3"]
    record(three, "e4", moment("0s"))
    assert next(followed).event_id == "e4"


@pytest.mark.parametrize("command", [["events"], ["why", "e4"]])
def test_no_key_of_an_upload_commands_a_terminal(fake, command):
    """Keys, refs and reasons are others' words: colours, bells and turned directions are not obeyed."""
    subject, reason = "data/\x1b[2J\a\u202eü", "a\tb\x9b31m"
    record(fake, "e4", "2026-11-21T12:00:00.000Z", subject=subject, reason=reason)
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0
    assert "ü" in told.stdout
    assert "a b" in told.stdout
    assert told.stdout.replace("\n", "").isprintable()


def test_a_followed_event_is_one_line(three):
    """Whatever the name of its object is."""
    record(three, "e4", "2026-11-22T12:00:00.000Z", subject="data/x\nrun deleted\x1b[1A")
    (event,) = three.ledger.events(limit=1)
    assert "data/x run deleted\ufffd[1A: accepted" in _line(event)
