"""Listings of executions, from the database, a page at a time."""

from collections.abc import Mapping
from typing import Any

from embedded.stepfunctions.model import Execution
from embedded.stepfunctions.service import names
from embedded.stepfunctions.sqlite_store import SqliteStore, summary

Params = dict[str, Any]
_REDRIVEN: Mapping[str, str] = {"REDRIVEN": "redrives > 0", "NOT_REDRIVEN": "redrives = 0"}


def page_of(store: SqliteStore, column: str, arn: str, params: Params) -> tuple[list[Execution], Params]:
    """Executions whose `column` is an ARN, the latest first, and the member that leads to the next page.

    They come without definition, input and output.
    """
    conditions, values = [f"{column} = ?"], [arn]
    if params.get("statusFilter"):
        conditions.append("status = ?")
        values.append(params["statusFilter"])
    if params.get("redriveFilter"):
        conditions.append(_REDRIVEN[params["redriveFilter"]])
    return _page(store, conditions, values, params)


def _page(
    store: SqliteStore, conditions: list[str], values: list[Any], params: Params
) -> tuple[list[Execution], Params]:
    size, before = names.page_size(params), names.read_token(params.get("nextToken"))
    if before is not None:
        conditions.append("(started, number) < (?, ?)")
        values += before
    rows = store.database.rows(
        f"SELECT started, number, record FROM executions WHERE {' AND '.join(conditions)}"  # noqa: S608
        " ORDER BY started DESC, number DESC LIMIT ?",
        (*values, size + 1),
    )
    following = {"nextToken": names.token_for(rows[size - 1][:2])} if len(rows) > size else {}
    return [summary(record) for _, _, record in rows[:size]], following


def has_unfinished(store: SqliteStore, machine_arn: str) -> bool:
    """Whether an execution of a machine goes on."""
    query = (
        "SELECT 1 FROM executions WHERE status IN ('RUNNING', 'PENDING_REDRIVE') AND machine_arn = ? LIMIT 1"
    )
    return bool(store.database.rows(query, (machine_arn,)))
