"""Takes an event from the bus: one that says nothing usable is recorded as refused, and never tried again."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sluiceway.contract import Contract
from sluiceway.gateways.ledger import EventRecord, Ledger
from sluiceway.names import NAME_PATTERN
from sluiceway.triggers.asked import Envelope, InvalidEvent, one_line, read_event

Kind = TypeVar("Kind", bound=Contract)


def take_event(
    envelope: Envelope,
    kinds: Mapping[str, type[Kind]],
    act: Callable[[Kind], list[EventRecord]],
    *,
    ledger: Ledger,
    now: Callable[[], str],
) -> list[EventRecord]:
    """What came of the event; raises what `act` raises."""
    try:
        event = read_event(envelope, kinds)
    except InvalidEvent as error:
        return [_refused(envelope, str(error), ledger=ledger, at=now())]
    return act(event)


def _refused(envelope: Envelope, reason: str, *, ledger: Ledger, at: str) -> EventRecord:
    project, source = envelope.detail.get("project"), one_line(envelope.source)[:128]
    # The platform's events carry the ids of their causes, under which these are recorded themselves.
    own = f".{envelope.detail_type}" if envelope.is_own else ""
    record = EventRecord(
        event_id=f"{envelope.event_id}{own}",
        event=one_line(envelope.detail_type)[:128],
        subject=_named(project) or source,
        outcome="refused",
        reason=f"account {envelope.account}, source {source}: {reason}",
        project=_named(project),
        recorded_at=at,
    )
    ledger.record_event(record)
    return record


def _named(value: Any) -> str | None:
    """The value, where it can be a project's name."""
    return value if isinstance(value, str) and re.fullmatch(NAME_PATTERN[1:-1], value) else None
