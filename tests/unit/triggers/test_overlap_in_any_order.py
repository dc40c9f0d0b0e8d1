"""Moments of one schedule have at most one run at a time, whatever is lost or comes twice, whoever dies."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from sluiceway.gateways.ledger import EventRecord, Ledger
from sluiceway.schedules.resume_schedule import resume_schedule
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import ScheduleFired
from tests.fakes.ledger import MemoryTable
from tests.unit.triggers.scheduled import ALWAYS, PROJECT, Scheduled


class Killed(Exception):
    """The worker dies."""


class MortalTable(MemoryTable):
    """Dies before or after the n-th write."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None
        self.after = False

    def put(self, item: dict) -> None:  # type: ignore[type-arg]
        self._mortal(lambda: super(MortalTable, self).put(item))

    def change(self, pk: str, sk: str, **given) -> bool:  # type: ignore[no-untyped-def]
        return self._mortal(lambda: super(MortalTable, self).change(pk, sk, **given))

    def put_if(self, item: dict, when) -> bool:  # type: ignore[no-untyped-def, type-arg]
        return self._mortal(lambda: super(MortalTable, self).put_if(item, when))

    def _mortal(self, write: Callable[[], bool]) -> bool:
        if self.left is None:
            return write()
        self.left -= 1
        if self.left >= 0:
            return write()
        self.left = None
        if self.after:
            write()
        raise Killed


steps = st.lists(
    st.tuples(
        st.sampled_from(["fire", "fire", "end", "tell"]),
        st.integers(0, 6),
        st.one_of(st.none(), st.tuples(st.integers(0, 6), st.booleans())),
    ),
    min_size=3,
    max_size=25,
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["skip", "queue", "cancel"]), steps)
def test_in_any_order_with_any_deaths_one_run_goes_on_and_no_moment_is_lost(
    overlap: str, steps: list[tuple[str, int, tuple[int, bool] | None]]
) -> None:
    """Moments, ends of runs, and what is told of them come in any order, twice, late, with workers dying."""
    world, table = _mortal(overlap)
    fired: set[int] = set()
    for what, number, death in steps:
        table.left, table.after = death if death else (None, False)
        _deliver(world, what, number, fired)
        table.left = None
        assert len(world.going()) <= 1
    _drain(world, fired)
    records = {number: world.fire(number) for number in fired}
    assert world.ledger.waiting(PROJECT, "often") == []
    _each_moment_had_its_turn(world, overlap, records)


def _mortal(overlap: str) -> tuple[Scheduled, MortalTable]:
    world = Scheduled(f"{ALWAYS}, overlap: {overlap}")
    table = MortalTable()
    table.items = world.ledger._table.items  # type: ignore[attr-defined]
    world.ledger = Ledger(table)
    return world, table


def _deliver(world: Scheduled, what: str, number: int, fired: set[int]) -> None:
    try:
        if what == "fire":
            fired.add(number)
            world.fire(number)
        elif what == "end":
            world.end_started()
        elif what == "tell":
            ends = [run for run in world.runs() if run.ended]
            events = [
                event for event in world.events.published[world.told :] if isinstance(event, ScheduleFired)
            ]
            if number % 2 and ends:
                resume_schedule(
                    run_finished(ends[number % len(ends)]), ledger=world.ledger, events=world.events
                )
            elif events:
                world.request(events[number % len(events)])
    except Killed:
        pass


def _drain(world: Scheduled, fired: set[int]) -> None:
    """Everything is delivered at least once more, until nothing new comes."""
    for _ in range(30):
        for number in sorted(fired):
            world.fire(number)
        for event in [each for each in world.events.published if isinstance(each, ScheduleFired)]:
            world.request(event)
        world.end_started()
        for run in world.runs():
            resume_schedule(run_finished(run), ledger=world.ledger, events=world.events)
        if not world.going() and not world.ledger.waiting(PROJECT, "often"):
            return


def _each_moment_had_its_turn(world: Scheduled, overlap: str, records: dict[int, EventRecord]) -> None:
    allowed = {"skip": {"requested", "skipped"}, "queue": {"requested", "queued"},
               "cancel": {"requested", "superseded"}}[overlap]  # fmt: skip
    assert {record.outcome for record in records.values()} <= allowed
    owners = [run.event_id for run in world.runs()]
    assert len(owners) == len(set(owners))
    moments = [owner.partition(".after.")[0] for owner in owners]
    assert len(moments) == len(set(moments))
    assert not world.going()
    released = {item["event_id"]: item["released_by"] for (_, sk), item in world.ledger._table.items.items()  # type: ignore[attr-defined]
                if sk.startswith("WAITING#")}  # fmt: skip
    for record in records.values():
        if record.outcome == "queued":
            by = released[record.event_id.removesuffix(f".{PROJECT}")]
            assert by in owners
