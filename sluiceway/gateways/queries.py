"""Athena: what the columns of a result are. Queries themselves are started by the state machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sluiceway.gateways.aws_errors import asking

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient


@dataclass(frozen=True)
class Column:
    """One column of a result."""

    name: str
    type: str
    """As Athena names it: `bigint`, `varchar`, `decimal`, …"""
    precision: int = 0
    scale: int = 0


class Queries(Protocol):
    """Where queries ran."""

    def columns(self, query_execution_id: str) -> list[Column]:
        """The columns of a query that has succeeded."""


class AthenaQueries:
    """`Queries` of Athena."""

    def __init__(self, client: AthenaClient) -> None:
        self._client = client

    def columns(self, query_execution_id: str) -> list[Column]:
        """The columns of a query that has succeeded; the rows are read from where Athena wrote them."""
        with asking("Athena", f"GetQueryResults {query_execution_id}"):
            answer = self._client.get_query_results(QueryExecutionId=query_execution_id, MaxResults=1)
        found = answer["ResultSet"]["ResultSetMetadata"].get("ColumnInfo", [])
        return [
            Column(each["Name"], each["Type"], each.get("Precision", 0), each.get("Scale", 0))
            for each in found
        ]
