"""Starts the query that makes a dataset, once for each time that it was asked for."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.clock import timestamp, utc_now
from sluiceway.datasets.contracts import QueryDatasetInput
from sluiceway.datasets.refuse_query import refuse_query
from sluiceway.errors import InvalidDataset, PermanentError
from sluiceway.gateways.events import Events
from sluiceway.gateways.executions import Executions
from sluiceway.gateways.ledger import CodePointer, EventRecord, Ledger
from sluiceway.gateways.objects import Objects
from sluiceway.gateways.records import Outcome
from sluiceway.names import split_s3_uri
from sluiceway.projects.archive import MAX_ARCHIVE_BYTES, open_archive
from sluiceway.projects.contracts import SluiceConfig
from sluiceway.projects.query_checks import read_sql
from sluiceway.projects.query_settings import Query
from sluiceway.triggers.contracts import QueryAsked

NAME_DIGITS = 16
"""Of the event's hash, in the name of an execution."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """The outside world of `request_query`."""

    ledger: Ledger
    objects: Objects
    events: Events
    executions: Executions
    query_dataset_arn: str
    workgroup: str
    """The stage's, for queries that name none."""
    now: Callable[[], str] = utc_now


def request_query(asked: QueryAsked, on: Asking) -> EventRecord:
    """Start the query, or refuse it with a reason; raises `TransientError` to be tried again."""
    known = on.ledger.event(asked.event_id)
    if known is not None:
        return known
    try:
        record = _request(asked, on)
    except PermanentError as error:
        record = _refuse(asked, str(error), on)
    on.ledger.record_event(record)
    return record


def _request(asked: QueryAsked, on: Asking) -> EventRecord:
    found = _asking_projects(asked, on.ledger)
    if not found and asked.trigger == "schedule":
        reason = f"no project's latest code says any more how to query {asked.dataset!r}"
        return _record(asked, "ignored", reason, on=on)
    code, query = _only(asked, found)
    given = _input(asked, code, query, on)
    name = execution_name(asked)
    on.executions.start(on.query_dataset_arn, name, given)
    return _record(asked, "requested", f"query {name}", project=code.project, on=on)


def _asking_projects(asked: QueryAsked, ledger: Ledger) -> list[tuple[CodePointer, Query]]:
    """The projects whose latest code says how to query the dataset, and how."""
    pointers = [ledger.code_pointer(project) for project in ledger.subscribers(asked.dataset)]
    standing = [code for code in pointers if code is not None and code.retired is None]
    queries = [(code, _query(code, asked.dataset)) for code in standing]
    found = [(code, query) for code, query in queries if query is not None]
    return [] if asked.project and asked.project not in [code.project for code, _ in found] else found


def _query(code: CodePointer, dataset: str) -> Query | None:
    settings = SluiceConfig.model_validate_json(code.config).data.get(dataset)
    return settings.query if settings else None


def _only(asked: QueryAsked, found: list[tuple[CodePointer, Query]]) -> tuple[CodePointer, Query]:
    """Two queries would overwrite each other's results for ever: then neither runs."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidDataset(
            f"no project's latest code has a query for the dataset {asked.dataset!r}: "
            f"add data.{asked.dataset}.query to its sluice.yaml and push it"
        )
    names = ", ".join(code.project for code, _ in found)
    raise InvalidDataset(
        f"the dataset {asked.dataset!r} is queried by several projects ({names}): keep one of their queries"
    )


def _input(asked: QueryAsked, code: CodePointer, query: Query, on: Asking) -> QueryDatasetInput:
    return QueryDatasetInput(
        event_id=asked.event_id,
        dataset=asked.dataset,
        # A moment in the future would let no other result stand until then.
        asked_at=min(timestamp(asked.asked_at), on.now()),
        trigger=asked.trigger,
        token=_digest(asked),
        sql=_sql(code, query, on.objects),
        database=query.database,
        workgroup=query.workgroup or on.workgroup,
        ordered=query.ordered,
    )


def _sql(code: CodePointer, query: Query, objects: Objects) -> str:
    if query.sql is not None:
        return query.sql
    archive = objects.get(*split_s3_uri(code.uri), at_most=MAX_ARCHIVE_BYTES)
    return read_sql(query, open_archive(archive))


def execution_name(asked: QueryAsked) -> str:
    """The same for every delivery of the same event."""
    return f"{asked.dataset}-{_digest(asked)[:NAME_DIGITS]}"


def _digest(asked: QueryAsked) -> str:
    return hashlib.sha256(asked.event_id.encode()).hexdigest()


def _refuse(asked: QueryAsked, reason: str, on: Asking) -> EventRecord:
    refuse_query(
        asked.dataset,
        event_id=asked.event_id,
        reason=reason,
        trigger=asked.trigger,
        at=on.now(),
        ledger=on.ledger,
        events=on.events,
    )
    return _record(asked, "refused", reason, on=on)


def _record(
    asked: QueryAsked, outcome: Outcome, reason: str, *, on: Asking, project: str | None = None
) -> EventRecord:
    return EventRecord(
        event_id=asked.event_id,
        event=type(asked).__name__,
        subject=asked.dataset,
        outcome=outcome,
        reason=reason,
        project=project,
        dataset=asked.dataset,
        recorded_at=on.now(),
    )
