"""A query from its start to a dataset, on the embedded interpreter, with the real use cases behind it."""

import json
from typing import Any

import pytest

from embedded.stepfunctions.store import MemoryStore
from embedded.stepfunctions.tasks import Failed, Reporter, Submitted, Succeeded, TaskCall
from sluiceway.contract import Contract
from sluiceway.datasets.contracts import FailQueryInput
from sluiceway.datasets.fail_query import Failing, fail_query
from sluiceway.projects.query_settings import LONGEST_SQL
from tests.fakes.samples import AT
from tests.unit.datasets.queries import CSV, RESULT, QueryWorld
from tests.unit.embedded.machines.interpreter import Machines, TaskError, _definition

MACHINE = "query_dataset"


class QueryMachine(Machines):
    """`query_dataset`, where Athena answers what a test sets."""

    def __init__(self) -> None:
        self.world, self.store = QueryWorld(), MemoryStore()
        self.definitions = {MACHINE: _definition(MACHINE)}
        self.failure: str | None = None
        self.asked: list[dict[str, Any]] = []

    def query(self, sql: str = "SELECT 1", event_id: str = "q1") -> dict[str, Any]:
        """What an execution ends with that is started as `request_query` starts it."""
        self.world.defined(f"{{sql: {sql}}}")
        self.world.ask(event_id)
        return self.run(MACHINE, event_id, self.world.started(event_id).model_dump(mode="json"))

    def start(self, call: TaskCall, report: Reporter) -> None:
        if call.resource.service == "athena":
            report(Submitted({}))
            self.asked.append(call.arguments)
            try:
                report(Succeeded(self._answer(call.arguments)))
            except TaskError as error:
                report(Failed("States.TaskFailed", str(error)))
            return
        name, payload = call.arguments["FunctionName"], call.arguments["Payload"]
        report(Succeeded({"Payload": self._call(name, payload).model_dump(mode="json")}))

    def _answer(self, arguments: dict[str, Any]) -> dict[str, Any]:
        query_id = f"id-{len(self.asked)}"
        status = {"State": "FAILED" if self.failure else "SUCCEEDED", "StateChangeReason": self.failure}
        place = f"{arguments['ResultConfiguration']['OutputLocation']}{query_id}.csv"
        described = {"QueryExecutionId": query_id, "Status": status}
        described["ResultConfiguration"] = {"OutputLocation": place}
        if self.failure:
            raise TaskError(json.dumps({"QueryExecution": described}))
        return {"QueryExecution": described}

    def _call(self, name: str, payload: dict[str, Any]) -> Contract:
        if "FailQuery" in name:
            outside = Failing(ledger=self.world.ledger, events=self.world.events, now=lambda: AT)
            return fail_query(FailQueryInput.model_validate(payload), outside)
        assert payload["output_uri"].endswith(f"/queries/{payload['query_execution_id']}.csv")
        placed = {"output_uri": f"s3://artifacts/queries/{payload['event_id']}.csv"}
        return self.world.publish(CSV, **payload | placed)


@pytest.fixture
def machine() -> QueryMachine:
    """Nothing asked yet."""
    return QueryMachine()


def test_a_query_becomes_a_dataset(machine: QueryMachine) -> None:
    """Asked in the workgroup and the database of the project, under a token that follows from the event."""
    done = machine.query()
    assert (done["status"], done["error"]) == ("SUCCEEDED", None)
    assert RESULT in machine.world.objects.list_keys("uploads", "data/")
    (asked,) = machine.asked
    assert (asked["QueryString"], asked["WorkGroup"]) == ("SELECT 1", "sluiceway-test")
    assert 32 <= len(asked["ClientRequestToken"]) <= 128


def test_a_query_that_fails_ends_with_athenas_reason(machine: QueryMachine) -> None:
    """In the execution, in the ledger, and in a failed run; it is not asked again."""
    machine.failure = "TABLE_NOT_FOUND: no such table"
    done = machine.query()
    assert (done["status"], done["error"], done["cause"]) == ("FAILED", "QueryFailed", machine.failure)
    assert len(machine.asked) == 1
    (run,) = machine.world.ledger.runs()
    assert machine.failure in run.reason


def test_state_stays_small(machine: QueryMachine) -> None:
    """Under 32 KiB with the longest query there may be."""
    machine.query(f"SELECT {'x' * (LONGEST_SQL - 7)}")
    assert machine.largest_payload() < 32 * 1024
