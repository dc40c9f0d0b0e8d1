"""Events of the bus: nobody can pretend to be another, and nothing unusable is lost or repeated."""

import json
from pathlib import Path
from typing import Any

import pytest

from sluiceway.gateways.ledger import EventRecord
from sluiceway.triggers.asked import Envelope, asked_event_id
from sluiceway.triggers.contracts import QueryAsked, RunAsked
from sluiceway.triggers.decide import CAUSES
from sluiceway.triggers.take_event import take_event
from tests.fakes.ledger import memory_ledger
from tests.fakes.samples import AT

ASKED = json.loads((Path(__file__).parents[2] / "events" / "run_asked.json").read_text())


class Bus:
    """Takes events, and keeps what was acted upon."""

    def __init__(self) -> None:
        self.ledger, self.acted = memory_ledger(), []

    def deliver(self, *, detail: dict[str, Any] | None = None, **changes: Any) -> list[EventRecord]:
        event = ASKED | changes | {"detail": ASKED["detail"] | (detail or {})}

        def act(cause: Any) -> list[EventRecord]:
            self.acted.append(cause)
            return []

        return take_event(Envelope.model_validate(event), CAUSES, act, ledger=self.ledger, now=lambda: AT)


def test_a_wish_of_another_account_is_acted_upon_under_an_id_of_ours() -> None:
    """With the account in it; what it says of itself stands behind that."""
    bus = Bus()
    bus.deliver(detail={"asked_by": "the planner"})
    (wish,) = bus.acted
    assert isinstance(wish, RunAsked)
    assert wish.event_id.startswith("444455556666-")
    assert (wish.asked_by, wish.trigger) == ("444455556666 the planner", "api")


def test_a_sender_that_names_its_event_may_send_it_again() -> None:
    """EventBridge gives each sending another id; the sender's own makes them one."""
    bus = Bus()
    for number in range(2):
        bus.deliver(id=f"eventbridge-{number}", detail={"event_id": "nightly/2026-11-21"})
        bus.deliver(id=f"eventbridge-{number}")
    named, first, again, second = (wish.event_id for wish in bus.acted)
    assert named == again
    assert first != second


def test_ids_of_different_senders_never_meet() -> None:
    """Not of accounts, of programs, of kinds, nor those of the platform's own events."""
    given = {"source": "a", "kind": "RunAsked", "given": "1"}
    others = [{"source": "b"}, {"kind": "DeploymentAsked"}, {"given": "2"}]
    ids = [asked_event_id("1" * 12, **given | other) for other in [{}, *others]]
    assert len({*ids, asked_event_id("2" * 12, **given)}) == 5
    bus = Bus()
    bus.deliver(detail={"event_id": "0123456789abcdef0123456789abcdef"})
    assert bus.acted[0].event_id != "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("kind", ["CodePushed", "DatasetVersioned", "ScheduleFired", "Unheard", "RunAsked "])
def test_only_wishes_may_come_from_elsewhere(kind: str) -> None:
    """Facts are the platform's to tell; the rules let no other through, and nor does the code."""
    bus = Bus()
    (record,) = bus.deliver(**{"detail-type": kind})
    assert (record.outcome, bus.acted) == ("refused", [])
    assert f"may not publish {kind}" in record.reason


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({"project": "../etc"}, "project: String should match pattern"),
        ({"stepz": ["train"]}, "stepz: Extra inputs are not permitted"),
        ({"steps": "train"}, "steps: Input should be a valid tuple"),
        ({"parameters": {"depth": 4}}, "parameters.depth: Input should be a valid string"),
        ({"event_id": "a b\n"}, "event_id: use at most 128"),
        ({"event_id": 7}, "event_id: use at most 128"),
        ({"asked_by": {"name": "x"}}, "asked_by: Input should be a valid string"),
        ({"asked_by": "\ud800", "project": "\ud800"}, "project: Input should be a valid string"),
        ({"commit": {"sha": "0" * 40}}, "commit: only the platform itself says that"),
        ({"trigger": "drift"}, "trigger: only the platform itself says that"),
    ],
)
def test_an_unusable_wish_is_recorded_with_what_is_wrong(detail: dict[str, Any], reason: str) -> None:
    """Once, and not tried again: nothing is raised."""
    bus = Bus()
    (record,) = bus.deliver(detail=detail)
    assert bus.ledger.event(record.event_id) == record
    assert (record.outcome, bus.acted) == ("refused", [])
    assert reason in record.reason
    assert "444455556666" in record.reason


@pytest.mark.parametrize("asked_at", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"])
def test_a_query_at_the_end_of_the_calendar_is_refused(asked_at: str) -> None:
    """Its moment in UTC is no date any more: it would fail for ever, and lie among the dead letters."""
    detail = {"dataset": "flights", "asked_at": asked_at}
    event = Envelope.model_validate(ASKED | {"detail-type": "QueryAsked", "detail": detail})
    kinds = {"QueryAsked": QueryAsked}
    (record,) = take_event(event, kinds, lambda _: [], ledger=memory_ledger(), now=lambda: AT)
    assert "asked_at: Value error, there is no such date in UTC" in record.reason


def test_who_asks_is_told_in_one_line() -> None:
    """Lists, logs and comments show it."""
    bus = Bus()
    bus.deliver(detail={"asked_by": "a\nb\x1b[31m" + "c" * 1000})
    assert bus.acted[0].asked_by == "444455556666 a b [31m" + "c" * 235


def test_what_names_of_fields_and_sources_hold_is_told_in_one_short_line() -> None:
    """They are the sender's, too: half a letter would be refused by the ledger, and come again for ever."""
    source, field = "acme\n\x1b[2J\ud800", "\ud800\x1b[31m\n" + "x" * 100_000
    (record,) = Bus().deliver(source=source, detail={field: 1, "project": "../x"})
    assert record.reason.isprintable()
    assert record.subject == "acme  [2J"
    assert len(record.reason) < 400


def test_a_long_list_of_mistakes_is_cut() -> None:
    """What somebody sends may be a megabyte; what is kept of it is not."""
    (record,) = Bus().deliver(detail={f"field{number}" * 50: 1 for number in range(5000)})
    assert len(record.reason) <= 8000


def test_an_event_of_the_platform_that_cannot_be_read_is_recorded_beside_its_cause() -> None:
    """Whose record stands under the very id."""
    bus = Bus()
    (record,) = bus.deliver(source="sluiceway", detail={"event_id": "e1", "project": 5})
    assert (record.event_id, record.outcome) == ("e1.RunAsked", "refused")
