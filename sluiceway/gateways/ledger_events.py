"""The ledger of events: each is recorded once, with how it ended."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from sluiceway.errors import SluicewayError
from sluiceway.gateways.items import Record, from_item, to_listed_item
from sluiceway.gateways.records import Claim, EventRecord, Outcome
from sluiceway.gateways.table import ABSENT, Item, Table, Test

AS_TEXT = ("cause", "situation")
"""Kept as JSON text: DynamoDB makes 1 of 1.0, which is another run key, and refuses empty names."""


@dataclass(frozen=True)
class UnreadableEvent:
    """A record that this release cannot read: another one wrote it."""

    event_id: str
    recorded_at: str
    reason: str


class UnreadableRecord(SluicewayError, ValueError):
    """A record of another release was asked for by its id."""


class EventLedger:
    """Events by id, and the listing of events."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def event(self, event_id: str) -> EventRecord | None:
        """How the event ended, if it has."""
        item = self._table.get(f"EVENT#{event_id}", "EVENT")
        return None if item is None else _read(item)

    def record_event(self, record: EventRecord) -> Claim:
        """Record how an event ended; the first record stands."""
        pk = f"EVENT#{record.event_id}"
        item = to_listed_item(pk, "EVENT", record, kind="EVENT", at=record.recorded_at)
        item |= {name: json.dumps(item[name]) for name in AS_TEXT if name in item}
        if self._table.put_if(item, ABSENT):
            return Claim.WON
        standing = self.event(record.event_id)
        same = standing is not None and (standing.outcome, standing.run_id) == (record.outcome, record.run_id)
        return Claim.MINE if same else Claim.THEIRS

    def hold(self, event_id: str, seen: Record) -> Record:
        """Keep what an event was first seen to mean, before anything is done; returns what stands.

        Whoever works the event off again, after a kill or beside the first, decides on the same.
        """
        pk, sk = f"EVENT#{event_id}", f"SEEN#{type(seen).__name__}"
        if self._table.put_if({"pk": pk, "sk": sk, "seen": seen.model_dump_json()}, ABSENT):
            return seen
        return self.held(event_id, type(seen)) or seen

    def held(self, event_id: str, kind: type[Record]) -> Record | None:
        """What an event was first seen to mean, where that was kept."""
        item = self._table.get(f"EVENT#{event_id}", f"SEEN#{kind.__name__}")
        return None if item is None else kind.model_validate_json(item["seen"])

    def events(
        self,
        outcome: Outcome | None = None,
        *,
        project: str | None = None,
        since: str | None = None,
        limit: int | None = 50,
    ) -> list[EventRecord]:
        """Events, newest first, of these only as far back as `since`; what cannot be read is left out."""
        told = self.told(outcome, project=project, since=since, limit=limit)
        return [event for event in told if isinstance(event, EventRecord)]

    def told(
        self,
        outcome: Outcome | None = None,
        *,
        project: str | None = None,
        since: str | None = None,
        limit: int | None = 50,
    ) -> list[EventRecord | UnreadableEvent]:
        """The same, with the name of each record that this release cannot read in its place."""
        given = {"outcome": outcome, "project": project}
        where = {name: value for name, value in given.items() if value is not None}
        at = Test("at", ">=", since) if since else None
        return list(map(_told, self._table.newest("EVENT", where=where, limit=limit, at=at)))


def _read(item: Item) -> EventRecord:
    try:
        return from_item(EventRecord, item | dict(_parsed(item)))
    except ValueError as error:
        raise UnreadableRecord(
            f"event {_id(item)} was recorded by another release of Sluiceway, this one cannot read it "
            f"({_wrong(error)}): install the release of the stage"
        ) from error


def _parsed(item: Item) -> Iterator[tuple[str, object]]:
    for name in AS_TEXT:
        if isinstance(item.get(name), str):
            yield name, json.loads(item[name])


def _told(item: Item) -> EventRecord | UnreadableEvent:
    try:
        return _read(item)
    except UnreadableRecord as error:
        return UnreadableEvent(_id(item), str(item["at"]), _wrong(error.__cause__))


def _id(item: Item) -> str:
    return str(item.get("event_id", str(item["pk"]).removeprefix("EVENT#")))


def _wrong(error: BaseException | None) -> str:
    return str(error.errors()[0]["msg"] if isinstance(error, ValidationError) else error)
