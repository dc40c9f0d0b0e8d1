"""A query that fails is shown with Athena's own reason; the dataset stays as it was."""

import json

import pytest

from sluiceway.datasets.contracts import FailQueryInput
from sluiceway.datasets.fail_query import Failing, fail_query, stopped_query
from sluiceway.training.contracts import ExecutionStopped
from tests.fakes.samples import AT
from tests.unit.datasets.queries import QueryWorld

REASON = "SYNTAX_ERROR: line 1:8: Column 'delai' cannot be resolved"
CAUSE = json.dumps({"QueryExecution": {"Status": {"State": "FAILED", "StateChangeReason": REASON}}})


@pytest.fixture
def world() -> QueryWorld:
    """A project that queries flights."""
    world = QueryWorld()
    world.defined()
    return world


def failed(world: QueryWorld, **changes: str | None) -> str:
    """Let the query fail; the reason that stands."""
    given = {"event_id": "q1", "dataset": "flights", "trigger": "schedule", "error": "States.TaskFailed"}
    outside = Failing(ledger=world.ledger, events=world.events, now=lambda: AT)
    return fail_query(FailQueryInput.model_validate(given | {"cause": CAUSE} | changes), outside).reason


def test_the_reason_is_athenas(world: QueryWorld) -> None:
    """In the ledger, and in a failed run of each project that waits for the data."""
    assert failed(world) == REASON
    (run,) = world.ledger.runs()
    assert (run.status, run.trigger) == ("FAILED", "schedule")
    assert run.reason == f"the query of the dataset 'flights': {REASON}"


def test_a_failure_is_recorded_once(world: QueryWorld) -> None:
    """Told by the state machine, and again by the end of its execution."""
    failed(world)
    assert failed(world, error="FAILED", cause="something else") == REASON
    assert len(world.ledger.runs()) == 1


def test_a_query_that_was_published_does_not_fail_any_more(world: QueryWorld) -> None:
    """Its execution was stopped by hand after its end was recorded."""
    world.publish()
    failed(world)
    assert not world.ledger.runs()


def test_an_execution_that_was_stopped_is_a_failed_query(world: QueryWorld) -> None:
    """Whoever stops it, and whenever: its input says which query it was."""
    world.ask()
    stopped = ExecutionStopped(
        execution_arn="arn", name="n", status="ABORTED", input=world.started().model_dump_json()
    )
    given = stopped_query(stopped)
    assert (given.event_id, given.dataset, given.error) == ("q1", "flights", "ABORTED")
