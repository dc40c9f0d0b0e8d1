"""`sluice data query` asks by an event, and tells how it ended."""

import json
from typing import Any

import pytest
import typer

from sluiceway.cli import query
from sluiceway.gateways.records import EventRecord, Outcome
from sluiceway.triggers.asked import Envelope, read_event
from sluiceway.triggers.contracts import QueryAsked
from tests.fakes.samples import AT


def record(fake: Any, event_id: str, outcome: Outcome, reason: str = "r") -> None:
    """What the ledger knows of an event."""
    facts = {"event": "QueryAsked", "subject": "daily", "recorded_at": AT}
    fake.ledger.record_event(EventRecord(event_id=event_id, outcome=outcome, reason=reason, **facts))


def test_the_event_is_known_under_the_id_that_is_told(fake: Any) -> None:
    """In one's own name, as any sender does it: only the platform speaks in the platform's."""
    event_id = query.ask(fake.stage, "daily")
    (entry,) = fake.bus.entries
    envelope = Envelope.model_validate(
        {"id": "x", "account": "000000000000", "source": entry["Source"], "detail-type": entry["DetailType"]}
        | {"detail": json.loads(entry["Detail"])}
    )
    asked = read_event(envelope, {"QueryAsked": QueryAsked})
    assert (asked.dataset, asked.trigger, asked.event_id) == ("daily", "api", event_id)


@pytest.mark.parametrize(
    ("outcome", "code"), [("accepted", 0), ("unchanged", 0), ("superseded", 0), ("refused", 1)]
)
def test_how_it_ended_is_told(
    fake: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, outcome: Outcome, code: int
) -> None:
    """Exit code 1 where the dataset is not what it should be."""
    monkeypatch.setattr(query, "ask", lambda *_: "e1")
    record(fake, "e1", "requested")
    record(fake, "e1.ended", outcome, "7 rows")
    with pytest.raises(typer.Exit) as left:
        query.query("daily", wait=5)
    assert left.value.exit_code == code
    assert capsys.readouterr().out == f"{outcome}: 7 rows\n"


def test_a_query_that_was_refused_is_not_waited_for(fake: Any) -> None:
    """Its event stands as refused: there will be no end."""
    record(fake, "e1", "refused")
    found = query.await_end(fake.ledger, "e1", seconds=60)
    assert found is not None
    assert found.outcome == "refused"
