"""The ledger of events: each is recorded once, with how it ended."""

from sluiceway.gateways.items import from_item, maybe, to_listed_item
from sluiceway.gateways.records import Claim, EventRecord, Outcome
from sluiceway.gateways.table import ABSENT, Table


class EventLedger:
    """Events by id, and the listing of events."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def event(self, event_id: str) -> EventRecord | None:
        """How the event ended, if it has."""
        return maybe(EventRecord, self._table.get(f"EVENT#{event_id}", "EVENT"))

    def record_event(self, record: EventRecord) -> Claim:
        """Record how an event ended; the first record stands."""
        pk = f"EVENT#{record.event_id}"
        item = to_listed_item(pk, "EVENT", record, kind="EVENT", at=record.recorded_at)
        if self._table.put_if(item, ABSENT):
            return Claim.WON
        standing = self.event(record.event_id)
        same = standing is not None and (standing.outcome, standing.run_id) == (record.outcome, record.run_id)
        return Claim.MINE if same else Claim.THEIRS

    def events(self, outcome: Outcome | None = None, *, limit: int | None = 50) -> list[EventRecord]:
        """Events, newest first."""
        where: dict[str, str] = {"outcome": outcome} if outcome else {}
        return [
            from_item(EventRecord, item) for item in self._table.newest("EVENT", where=where, limit=limit)
        ]
