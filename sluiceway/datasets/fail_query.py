"""Records why a query ended badly, with Athena's own reason, and tells the projects that wait for it."""

from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.causes import parsed, read_cause
from sluiceway.clock import utc_now
from sluiceway.datasets.contracts import FailQueryInput, QueryDatasetInput, QueryEnded
from sluiceway.datasets.refuse_query import refuse_query
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import EventRecord, Ledger
from sluiceway.training.contracts import ExecutionStopped


@dataclass(frozen=True, kw_only=True)
class Failing:
    """The outside world of `fail_query`."""

    ledger: Ledger
    events: Events
    now: Callable[[], str] = utc_now


def fail_query(given: FailQueryInput, on: Failing) -> QueryEnded:
    """Refused, once: what stands in the ledger is kept, and told again."""
    event_id = ended_event_id(given.event_id)
    record = on.ledger.event(event_id) or _failed(given, event_id, on)
    if record.outcome == "refused":
        refuse_query(
            given.dataset,
            event_id=event_id,
            reason=record.reason,
            trigger=given.trigger,
            at=record.recorded_at,
            ledger=on.ledger,
            events=on.events,
        )
    on.ledger.record_event(record)
    return QueryEnded(dataset=given.dataset, outcome=record.outcome, reason=record.reason)


def stopped_query(stopped: ExecutionStopped) -> FailQueryInput:
    """The failed query of an execution that ended without reaching its own FailQuery, or after it."""
    given = QueryDatasetInput.model_validate(parsed(stopped.input))
    return FailQueryInput(
        event_id=given.event_id,
        dataset=given.dataset,
        trigger=given.trigger,
        error=stopped.error or stopped.status,
        cause=stopped.cause,
    )


def ended_event_id(event_id: str) -> str:
    """Id under which the end of a query is recorded; its start stands under the event's own."""
    return f"{event_id}.ended"


def _failed(given: FailQueryInput, event_id: str, on: Failing) -> EventRecord:
    return EventRecord(
        event_id=event_id,
        event="QueryEnded",
        subject=given.dataset,
        outcome="refused",
        reason=read_cause(given.error, given.cause).reason,
        dataset=given.dataset,
        recorded_at=on.now(),
    )
