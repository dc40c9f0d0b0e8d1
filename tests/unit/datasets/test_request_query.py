"""A query starts once for each time that it was asked for, as the project's latest code describes it."""

import pytest

from sluiceway.errors import ServiceUnavailable
from tests.unit.datasets.queries import QueryWorld


@pytest.fixture
def world() -> QueryWorld:
    """No project yet."""
    return QueryWorld()


def test_the_latest_code_says_what_is_asked(world: QueryWorld) -> None:
    """SQL, database and workgroup are the project's; the workgroup else the stage's."""
    world.defined("{sql: SELECT 1, database: sales, ordered: true}")
    assert world.ask().outcome == "requested"
    given = world.started()
    assert (given.sql, given.database, given.ordered) == ("SELECT 1", "sales", True)
    assert (given.workgroup, given.asked_at) == ("sluiceway-test", "2026-11-21T11:00:00.000Z")


def test_a_query_may_stand_in_a_file_of_the_project(world: QueryWorld) -> None:
    """It is read from the code version, never from anywhere else."""
    world.defined("{sql_file: queries/daily.sql}", **{"queries/daily.sql": "-- all\nSELECT 2"})
    world.ask()
    assert world.started().sql == "-- all\nSELECT 2"


def test_an_event_that_is_delivered_again_starts_nothing(world: QueryWorld) -> None:
    """Scheduler, EventBridge and Lambda deliver at least once."""
    world.defined()
    assert world.ask() == world.ask()
    assert len(world.executions.asked) == 1


def test_a_lost_answer_is_asked_again_under_the_same_name(world: QueryWorld) -> None:
    """The outcome is recorded last, so the event is worked off again."""
    world.defined()
    world.executions.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        world.ask()
    assert world.ask().outcome == "requested"
    assert len(world.executions.started) == 1


def test_a_schedule_of_a_query_that_is_gone_is_ignored(world: QueryWorld) -> None:
    """A push has taken it away, and its schedule fired once more."""
    world.collect(world.push_code())
    assert world.ask(trigger="schedule").outcome == "ignored"
    assert not world.executions.started


def test_who_asks_for_a_query_that_nobody_has_is_told(world: QueryWorld) -> None:
    """A person waits for it: refused, and what to do."""
    refused = world.ask()
    assert refused.outcome == "refused"
    assert "data.flights.query" in refused.reason


def test_two_projects_cannot_both_query_one_dataset(world: QueryWorld) -> None:
    """Their results would replace each other for ever: both projects see a failed run with the reason."""
    world.defined()
    world.defined(project="other-project")
    refused = world.ask()
    assert refused.outcome == "refused"
    assert "flight-delay, other-project" in refused.reason
    runs = world.ledger.runs()
    assert {(run.project, run.status) for run in runs} == {
        ("flight-delay", "FAILED"),
        ("other-project", "FAILED"),
    }


def test_a_moment_in_the_future_counts_as_now(world: QueryWorld) -> None:
    """Otherwise one wrong clock would let no other result stand until then."""
    world.defined()
    world.ask(asked_at="9999-01-01T00:00:00Z")
    assert world.started().asked_at == "2026-11-21T12:00:00.000Z"
