"""Makes a query's result the dataset: one file under a name that stays, replaced only by other rows."""

from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import utc_now
from sluiceway.datasets.contracts import PublishQueryInput, QueryEnded
from sluiceway.datasets.fail_query import ended_event_id
from sluiceway.datasets.query_result import QueryResult, make_result
from sluiceway.gateways.ledger import Claim, EventRecord, Ledger
from sluiceway.gateways.objects import Objects
from sluiceway.gateways.queries import Queries
from sluiceway.gateways.records import Outcome
from sluiceway.gateways.results import Results, Standing
from sluiceway.names import query_result_key, split_s3_uri
from sluiceway.triggers.uploads import COMPLETE

MAX_RESULT_BYTES = 256 * 1024 * 1024
"""Of Athena's CSV; the function holds it, its columns and the file at once, which takes about 2 GB."""


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """The outside world of `publish_query`."""

    ledger: Ledger
    objects: Objects
    queries: Queries
    results: Results
    uploads_bucket: str
    now: Callable[[], str] = utc_now


def publish_query(given: PublishQueryInput, on: Publishing) -> QueryEnded:
    """Publish the result unless it is what lies there, or a later one stands.

    Raises `InvalidDataset` for a result that is no data, `TransientError` to be tried again.
    """
    record = on.ledger.event(ended_event_id(given.event_id)) or _publish(given, on)
    on.ledger.record_event(record)
    return QueryEnded(dataset=given.dataset, outcome=record.outcome, reason=record.reason)


def _publish(given: PublishQueryInput, on: Publishing) -> EventRecord:
    result = _result(given, on)
    key = query_result_key(given.dataset)
    # In this order: who finds its claim standing after it has looked can only replace what it has looked at.
    standing = on.results.standing(on.uploads_bucket, key)
    claim = on.ledger.move_query(given.dataset, asked_at=given.asked_at, event_id=given.event_id)
    if claim is Claim.THEIRS:
        return _record(given, "superseded", "a result that was asked for later stands", on)
    if standing and standing.rows == result.fingerprint and standing.event_id != given.event_id:
        return _record(given, "unchanged", f"the same {result.rows} rows as before", on)
    _write(given, result, standing, on)
    return _record(given, "accepted", f"{result.rows} rows, {len(result.body)} bytes", on)


def _result(given: PublishQueryInput, on: Publishing) -> QueryResult:
    csv = on.objects.get(*split_s3_uri(given.output_uri), at_most=MAX_RESULT_BYTES)
    return make_result(csv, on.queries.columns(given.query_execution_id), ordered=given.ordered)


def _write(given: PublishQueryInput, result: QueryResult, standing: Standing | None, on: Publishing) -> None:
    """The file, unless this very event has written it before, and that the dataset is complete."""
    if standing is None or standing.rows != result.fingerprint:
        on.results.replace(
            on.uploads_bucket,
            query_result_key(given.dataset),
            result.body,
            rows=result.fingerprint,
            event_id=given.event_id,
            instead_of=standing,
        )
    on.objects.put(on.uploads_bucket, f"data/{given.dataset}/{COMPLETE}", given.model_dump_json().encode())


def _record(given: PublishQueryInput, outcome: Outcome, reason: str, on: Publishing) -> EventRecord:
    return EventRecord(
        event_id=ended_event_id(given.event_id),
        event="QueryEnded",
        subject=given.dataset,
        outcome=outcome,
        reason=reason,
        dataset=given.dataset,
        recorded_at=on.now(),
    )
