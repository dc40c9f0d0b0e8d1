"""Executions of queries: carried out in threads, told when they end, and begun again after a kill.

MiniStack calls a query succeeded before its result is written, writes to a key that it does not tell,
finishes what was stopped, and leaves a query that a kill interrupted running for ever.
"""

import asyncio
import contextvars
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from embedded.athena import csv_file
from embedded.athena.engine import Rows, Running
from embedded.athena.submission import settings_of
from embedded.athena.tables import QueryCancelled, QueryFailed, Reader
from embedded.cloud import Cloud

_THREADS = 8
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
_SESSION = re.compile(r"^arn:aws:sts::(\d+):assumed-role/(.+)/[^/]+$")

Tell = Callable[[], None]


class Executions:
    """Carries queries out, in MiniStack's place."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="athena")
        self._running = Running()
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Tell]] = {}

    async def execute(self, query_id: str, query: str, database: str, ddl: Any, catalog: Any = None) -> None:
        """What `StartQueryExecution` leaves to be done."""
        del query, database, ddl, catalog  # They stand in the record, where a restart finds them as well.
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        await loop.run_in_executor(self._pool, context.run, self._execute, query_id)

    def recover(self) -> None:
        """Begin again what was going on when the server was killed."""
        from ministack.core.responses import request_scope
        from ministack.services import athena

        for (account, region, query_id), execution in list(athena._executions._data.items()):
            if execution["Status"]["State"] not in _ENDED:
                with request_scope(account, region):
                    self._pool.submit(contextvars.copy_context().run, self._execute, query_id)

    def stop(self, data: dict[str, Any]) -> Any:
        """StopQueryExecution."""
        from ministack.core.responses import json_response

        query_id = data.get("QueryExecutionId", "")
        self._end(query_id, "CANCELLED", "Query cancelled by user")
        self._running.interrupt(query_id)
        return json_response({})

    def when_ended(self, query_id: str, tell: Tell) -> None:
        """Call `tell` once a query has ended; at once if it has, or is not known."""
        with self._lock:
            if _state(query_id) not in (None, *_ENDED):
                self._waiting.setdefault(query_id, []).append(tell)
                return
        tell()

    def _execute(self, query_id: str) -> None:
        from ministack.services import athena

        execution = athena._executions.get(query_id)
        if execution is None or execution["Status"]["State"] in _ENDED:
            return
        begun = time.monotonic()
        execution["Status"]["State"] = "RUNNING"
        try:
            with _reader(self._cloud, execution) as reader:
                self._carry_out(query_id, execution, reader)
            execution["Statistics"]["DataScannedInBytes"] = reader.scanned
            self._end(query_id, "SUCCEEDED", "", seconds=time.monotonic() - begun)
        except QueryCancelled as error:
            self._end(query_id, "CANCELLED", str(error))
        except Exception as error:
            self._end(query_id, "FAILED", str(error)[:2000])

    def _carry_out(self, query_id: str, execution: dict[str, Any], reader: Reader) -> None:
        from ministack.services import athena

        query, context = execution["Query"], execution["QueryExecutionContext"]
        reader.check_database(context["Database"])
        ddl = athena._parse_ddl(query)
        if ddl is not None:
            found = athena._run_ddl(ddl, context["Database"])
            rows = Rows(found["columns"], [], [])
        else:
            rows = self._running.run(query_id, _over_files(query, context, reader), reader.folder)
        execution["_results"] = {"columns": rows.columns, "rows": [list(row) for row in rows.rows]}
        execution["_column_types"] = rows.types
        _write(execution, rows, reader)

    def _end(self, query_id: str, state: str, reason: str, *, seconds: float = 0.0) -> None:
        """The first end stands."""
        from ministack.services import athena

        with self._lock:
            execution = athena._executions.get(query_id)
            if execution is None or execution["Status"]["State"] in _ENDED:
                return
            execution["Status"] |= {
                "State": state,
                "StateChangeReason": reason,
                "CompletionDateTime": int(time.time()),
            }
            execution["Statistics"] |= {
                "EngineExecutionTimeInMillis": int(seconds * 1000),
                "TotalExecutionTimeInMillis": int(seconds * 1000),
            }
            athena._executions[query_id] = execution  # so that it is saved
            tellers = self._waiting.pop(query_id, [])
        for tell in tellers:
            tell()


def _state(query_id: str) -> str | None:
    from ministack.services import athena

    execution = athena._executions.get(query_id)
    return execution["Status"]["State"] if execution else None


@contextmanager
def _reader(cloud: Cloud, execution: dict[str, Any]) -> Iterator[Reader]:
    match = _SESSION.match(execution.get("_caller") or "")
    most = settings_of(execution["WorkGroup"]).get("BytesScannedCutoffPerQuery")
    with tempfile.TemporaryDirectory(prefix="athena-") as folder:
        yield Reader(
            cloud=cloud,
            role_arn=f"arn:aws:iam::{match[1]}:role/{match[2]}" if match else None,
            folder=Path(folder).resolve(),
            most_bytes=int(most) if most else None,
        )


def _over_files(query: str, context: dict[str, Any], reader: Reader) -> str:
    """The query with a relation over files in place of each table."""
    from ministack.services import athena, glue

    edits = []
    for found in athena._table_references(query):
        database = found.database or context["Database"]
        table = glue._tables.get(f"{database}/{found.table}")
        if table is None:
            continue  # DuckDB says that there is none, or knows the name: a function, a lateral alias.
        reader.check_table(database, table)
        files = reader.files((table.get("StorageDescriptor") or {})["Location"])
        relation = athena._table_relation(table, files) if files else athena._empty_relation(table)
        alias = "" if found.aliased else f' AS "{found.table}"'
        edits.append((found.start, found.end, relation + alias))
        if not found.aliased:
            edits += athena._qualified_column_prefixes(query, database, found.table, edits[-1])
    for start, end, text in sorted(set(edits), reverse=True):
        query = query[:start] + text + query[end:]
    return query


def _write(execution: dict[str, Any], rows: Rows, reader: Reader) -> None:
    """To the place that the execution tells, as its caller."""
    place = urlparse(execution["ResultConfiguration"]["OutputLocation"])
    bucket, key, s3 = place.netloc, place.path.lstrip("/"), reader.client("s3")
    try:
        s3.get_bucket_location(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=key, Body=csv_file.content(rows.columns, rows.rows))
        metadata = ",".join(rows.types).encode()
        s3.put_object(Bucket=bucket, Key=f"{key}.metadata", Body=metadata)
    except Exception as error:
        raise QueryFailed(f"Access denied when writing output to url: {place.geturl()}. {error}") from error
