"""A world in which queries are asked for, and end."""

import io
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq

from sluiceway.datasets.contracts import PublishQueryInput, QueryDatasetInput, QueryEnded
from sluiceway.datasets.publish_query import Publishing, publish_query
from sluiceway.datasets.request_query import Asking, execution_name, request_query
from sluiceway.gateways.ledger import EventRecord
from sluiceway.gateways.queries import Column
from sluiceway.triggers.contracts import QueryAsked
from tests.fakes.queries import MemoryQueries, MemoryResults
from tests.fakes.samples import AT, SLUICE_YAML
from tests.fakes.world import World

RESULT = "data/flights/result.parquet"
CSV = b'"carrier","delay"\n"UA","3"\n"AA","12"\n'


def sluice_yaml(query: str, *, project: str = "flight-delay") -> str:
    """The sample's, with flights as the result of a query."""
    changed = SLUICE_YAML.replace("data: [flights]", f"data: {{flights: {{query: {query}}}}}")
    return changed.replace("project: flight-delay", f"project: {project}")


class QueryWorld(World):
    """With what the queries' use cases reach out to."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = MemoryQueries(Column("carrier", "varchar"), Column("delay", "integer"))
        self.results = MemoryResults(self.objects)

    def defined(self, query: str = "{sql: SELECT 1}", *, project: str = "flight-delay", **files: str) -> None:
        """A project whose latest code queries flights."""
        self.collect(self.push_code(project, sluice_yaml=sluice_yaml(query, project=project), **files))

    def ask(self, event_id: str = "q1", **changes: Any) -> EventRecord:
        """Deliver an event that asks for the query of flights."""
        asked = {"event_id": event_id, "dataset": "flights", "asked_at": "2026-11-21T11:00:00Z"} | changes
        outside = Asking(
            ledger=self.ledger,
            objects=self.objects,
            events=self.events,
            executions=self.executions,
            query_dataset_arn="arn:aws:states:eu-west-1:111122223333:stateMachine:query_dataset",
            workgroup="sluiceway-test",
            now=lambda: AT,
        )
        return request_query(QueryAsked.model_validate(asked), outside)

    def started(self, event_id: str = "q1") -> QueryDatasetInput:  # type: ignore[override]
        """What the query of an event was started with."""
        asked = QueryAsked(event_id=event_id, dataset="flights", asked_at=datetime.fromisoformat(AT))
        given = self.executions.started[execution_name(asked)]
        assert isinstance(given, QueryDatasetInput)
        return given

    def publish(self, csv: bytes = CSV, *, event_id: str = "q1", **changes: Any) -> QueryEnded:
        """The query of an event has succeeded with this answer."""
        self.objects.put("artifacts", f"queries/{event_id}.csv", csv)
        given = {
            "event_id": event_id,
            "dataset": "flights",
            "asked_at": "2026-11-21T11:00:00.000Z",
            "ordered": False,
            "query_execution_id": event_id,
            "output_uri": f"s3://artifacts/queries/{event_id}.csv",
        }
        outside = Publishing(
            ledger=self.ledger,
            objects=self.objects,
            queries=self.queries,
            results=self.results,
            uploads_bucket="uploads",
            now=lambda: AT,
        )
        return publish_query(PublishQueryInput.model_validate(given | changes), outside)

    def rows(self) -> Any:
        """The rows that stand."""
        return pq.read_table(io.BytesIO(self.objects.get("uploads", RESULT))).to_pylist()
