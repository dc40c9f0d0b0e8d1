"""Equal rows are the same dataset, and of two results the one that was asked for later stands."""

import pytest

from sluiceway.errors import InvalidDataset, LostRace
from sluiceway.gateways.objects import TooLarge
from sluiceway.gateways.queries import Column
from tests.unit.datasets.queries import CSV, RESULT, QueryWorld

SHUFFLED = b'"carrier","delay"\n"AA","12"\n"UA","3"\n'
LATER = "2026-11-21T11:30:00.000Z"


@pytest.fixture
def world() -> QueryWorld:
    """Nothing published yet."""
    return QueryWorld()


def test_a_result_becomes_one_file_of_the_dataset(world: QueryWorld) -> None:
    """Parquet with Athena's types, under a name that stays; `_SUCCESS` says that it is complete."""
    assert world.publish().outcome == "accepted"
    assert world.rows() == [{"carrier": "AA", "delay": 12}, {"carrier": "UA", "delay": 3}]
    assert list(world.objects.list_keys("uploads", "data/")) == ["data/flights/_SUCCESS", RESULT]


def test_the_same_rows_in_another_order_write_nothing(world: QueryWorld) -> None:
    """Athena promises no order: what is equal as rows is equal as data, and trains nothing."""
    world.publish()
    versions = len(world.objects.versions)
    assert world.publish(SHUFFLED, event_id="q2", asked_at=LATER).outcome == "unchanged"
    assert (world.results.writes, len(world.objects.versions)) == (1, versions + 1)  # the CSV


def test_a_query_that_orders_keeps_its_order(world: QueryWorld) -> None:
    """Then another order is other data."""
    world.publish(ordered=True)
    assert [row["carrier"] for row in world.rows()] == ["UA", "AA"]
    assert world.publish(SHUFFLED, event_id="q2", asked_at=LATER, ordered=True).outcome == "accepted"


def test_published_again_it_says_the_same(world: QueryWorld) -> None:
    """Step Functions repeats a function whose answer was lost."""
    first = world.publish()
    assert world.publish() == first
    assert world.results.writes == 1


def test_who_died_after_writing_ends_as_who_wrote(world: QueryWorld) -> None:
    """The file was written, its end not recorded: the second attempt is the one that changed the data."""
    world.publish()
    del world.ledger._table.items["EVENT#q1.ended", "EVENT"]  # type: ignore[attr-defined]
    assert world.publish().outcome == "accepted"
    assert world.results.writes == 1


def test_an_earlier_result_that_comes_late_is_superseded(world: QueryWorld) -> None:
    """A slow query of Monday never replaces Tuesday's."""
    world.publish(event_id="q2", asked_at=LATER)
    assert world.publish(b'"carrier","delay"\n"UA","1"\n').outcome == "superseded"
    assert len(world.rows()) == 2


def test_an_earlier_result_that_is_overtaken_while_it_is_written_loses(
    world: QueryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may replace only what it has seen; tried again, it finds that it is superseded."""
    move = world.ledger.move_query

    def overtaken(*args: str, **given: str) -> object:
        claim = move(*args, **given)
        monkeypatch.undo()
        world.publish(b'"carrier","delay"\n"DL","7"\n', event_id="q2", asked_at=LATER)
        return claim

    monkeypatch.setattr(world.ledger, "move_query", overtaken)
    with pytest.raises(LostRace):
        world.publish()
    assert world.publish().outcome == "superseded"
    assert world.rows() == [{"carrier": "DL", "delay": 7}]


@pytest.mark.parametrize(
    ("csv", "words"),
    [
        (b'"carrier","delay"\n', "no rows"),
        (b'"carrier","delay"\n"AA","late"\n', "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_what_is_no_data_leaves_the_dataset_as_it_was(world: QueryWorld, csv: bytes, words: str) -> None:
    """A table that was empty for a moment must not become what everybody trains on."""
    with pytest.raises(InvalidDataset, match=words):
        world.publish(csv)
    assert not list(world.objects.list_keys("uploads", "data/"))


def test_two_columns_of_one_name_are_refused(world: QueryWorld) -> None:
    """Parquet's readers could not tell them apart."""
    world.queries.found = [Column("carrier", "varchar"), Column("carrier", "integer")]
    with pytest.raises(InvalidDataset, match="carrier"):
        world.publish(CSV)


def test_a_result_that_is_too_large_is_refused(world: QueryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is read."""
    monkeypatch.setattr("sluiceway.datasets.publish_query.MAX_RESULT_BYTES", 10)
    with pytest.raises(TooLarge, match="the limit is 10"):
        world.publish()


def test_a_run_of_a_result_says_that_a_query_started_it(world: QueryWorld) -> None:
    """Nobody has uploaded anything; beside a file that somebody has, it is an upload again."""
    world.defined()
    world.publish()
    world.deliver(world.upload(RESULT, world.objects.get("uploads", RESULT)))
    assert [run.trigger for run in world.ledger.runs()] == ["query"]
    world.deliver(world.push_data())
    assert world.ledger.runs()[0].trigger == "upload"
