"""Moments of one schedule have at most one run at a time, whatever is lost or comes twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluiceway.errors import ServiceUnavailable
from sluiceway.gateways.ledger import EventRecord, Ledger, RunRecord
from sluiceway.schedules.resume_schedule import resume_schedule
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import RunFinished, ScheduleFired
from sluiceway.triggers.decide import decide
from sluiceway.triggers.situation import Situation
from tests.fakes.ledger import MemoryTable
from tests.fakes.samples import SLUICE_YAML
from tests.fakes.world import World

FIRST = datetime(2026, 11, 21, 6, tzinfo=UTC)
PROJECT = "flight-delay"


class Scheduled(World):
    """A world with a schedule; the run of the push has ended."""

    def __init__(self, settings: str) -> None:
        super().__init__()
        self.deliver(self.push_data())
        self.deliver(self.push_code(sluice_yaml=f"{SLUICE_YAML}schedule: {{name: often, {settings}}}\n"))
        (run,) = self.ledger.runs()
        self.finish(run, "SUCCEEDED")
        self.pushed = run
        self.told = len(self.events.published)

    def moment(self, number: int) -> ScheduleFired:
        at = f"{FIRST + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"
        return ScheduleFired(
            event_id=f"{PROJECT}.often.{at}", project=PROJECT, schedule="often", scheduled_at=at
        )

    def fire(self, number: int) -> EventRecord:
        return self.request(self.moment(number))[0]

    def runs(self) -> list[RunRecord]:
        return [run for run in self.ledger.runs(limit=None) if run.schedule]

    def going(self) -> list[RunRecord]:
        return [run for run in self.runs() if not run.ended]

    def end_started(self) -> None:
        """What goes on comes to its end; what was never started cannot."""
        for run in self.going():
            if run.run_id in self.executions.started:
                self.finish(run, "SUCCEEDED")

    def end(self, run_id: str | None) -> RunFinished:
        """A run ends, and the bus is told."""
        self.finish(self.ledger.run(run_id or ""), "SUCCEEDED")
        return run_finished(self.ledger.run(run_id or ""))

    def resume(self, finished: RunFinished) -> list[EventRecord]:
        """Deliver the end of a run, and what follows from it on the bus."""
        seen = len(self.events.published)
        resume_schedule(finished, ledger=self.ledger, events=self.events)
        return [record for event in self.events.published[seen:] for record in self.request(event)]


ALWAYS = "cron: 0 * * * *, always: true"


def test_unchanged_inputs_are_recorded_and_train_nothing() -> None:
    """The push has trained the very same."""
    world = Scheduled("cron: 0 * * * *")
    record = world.fire(1)
    assert (record.outcome, record.run_id) == ("unchanged", world.pushed.run_id)
    assert world.runs() == []


def test_always_runs_at_each_moment_and_once_for_each() -> None:
    """Each moment is an occasion of its own; each delivery of it is the same."""
    world = Scheduled(ALWAYS)
    ids = []
    for number in (1, 2):
        records = [world.fire(number) for _ in range(3)]
        assert {record.outcome for record in records} == {"requested"}
        ids.append(records[0].run_id)
        world.end(records[0].run_id)
        assert world.fire(number) == records[0]
    assert len(set(ids)) == len(world.runs()) == 2
    assert {run.trigger for run in world.runs()} == {"schedule"}


def test_parameters_of_a_schedule_are_part_of_the_run() -> None:
    """Other parameters are another run, even of the same data and code."""
    world = Scheduled("cron: 0 * * * *, parameters: {depth: 9}")
    assert world.fire(1).outcome == "requested"
    assert world.runs()[0].parameters == {"depth": "9"}


@pytest.mark.parametrize("change", ["", "schedule: {name: often, rate: 1 day, enabled: false}\n"])
def test_a_moment_of_a_schedule_that_is_gone_is_ignored(change: str) -> None:
    """The latest code decides, also for a moment that was under way."""
    world = Scheduled(ALWAYS)
    world.deliver(world.push_code(sluice_yaml=SLUICE_YAML + change, train_py="new"))
    assert world.fire(1).outcome == "ignored"
    assert world.runs() == []


def test_skip_records_which_run_goes_on() -> None:
    """And the next moment after its end runs."""
    world = Scheduled(ALWAYS)
    first = world.fire(1)
    second = world.fire(2)
    assert (second.outcome, second.run_id) == ("skipped", first.run_id)
    assert first.run_id is not None
    assert first.run_id in second.reason
    world.end(first.run_id)
    assert world.fire(2) == second
    assert world.fire(3).outcome == "requested"


def test_runs_of_other_causes_are_no_overlap() -> None:
    """A push's run goes on: the schedule's own run may start beside it."""
    world = Scheduled(ALWAYS)
    world.deliver(
        world.push_code(sluice_yaml=f"{SLUICE_YAML}schedule: {{name: often, {ALWAYS}}}\n", train_py="n")
    )
    assert not all(run.ended for run in world.ledger.runs())
    assert world.fire(1).outcome == "requested"


def test_queue_runs_the_waiting_moment_when_the_run_ends() -> None:
    """Once, however often the end is told; later moments are merged into the oldest."""
    world = Scheduled(f"{ALWAYS}, overlap: queue")
    first = world.fire(1)
    assert [world.fire(number).outcome for number in (2, 3, 2)] == ["queued"] * 3
    finished = world.end(first.run_id)
    (record,) = world.resume(finished)
    assert (record.outcome, record.event_id) == (
        "requested",
        f"{world.moment(2).event_id}.after.{first.run_id}.{PROJECT}",
    )
    assert world.resume(finished) == []
    assert len(world.runs()) == 2
    assert world.resume(world.end(record.run_id)) == []


def test_a_run_that_ends_while_a_moment_is_written_down_is_seen() -> None:
    """The end was told before the moment waited: who lets it wait looks once more, and tells of it itself."""
    world = Scheduled(f"{ALWAYS}, overlap: queue")
    first = world.fire(1)
    let_wait, seen = world.ledger.let_wait, len(world.events.published)

    def late(moment):  # type: ignore[no-untyped-def]
        world.end(first.run_id)
        return let_wait(moment)

    world.ledger.let_wait = late  # type: ignore[method-assign]
    assert world.fire(2).outcome == "queued"
    fired = [event for event in world.events.published[seen:] if isinstance(event, ScheduleFired)]
    assert [event.waited_as for event in fired] == [world.moment(2).event_id]
    assert world.request(fired[0])[0].outcome == "requested"


def test_a_moment_that_comes_between_takes_the_waiting_ones_with_it() -> None:
    """Told late of the end, the waiting moment finds that it has had its turn."""
    world = Scheduled(f"{ALWAYS}, overlap: queue")
    first = world.fire(1)
    world.fire(2)
    finished = world.end(first.run_id)
    resume_schedule(finished, ledger=world.ledger, events=world.events)
    late = world.events.published[-1]
    third = world.fire(3)
    assert third.outcome == "requested"
    assert world.request(late)[0].outcome == "queued"
    assert world.resume(world.end(third.run_id)) == []
    assert len(world.runs()) == 2


def test_cancel_stops_the_run_and_starts_the_next() -> None:
    """The run ends FAILED and says which schedule it was; then the new one starts."""
    world = Scheduled(f"{ALWAYS}, overlap: cancel")
    first, second = world.fire(1), world.fire(2)
    cancelled = world.ledger.run(first.run_id or "")
    assert (cancelled.status, second.outcome) == ("FAILED", "requested")
    assert "cancelled by the schedule often" in cancelled.reason
    assert list(world.executions.stopped) == [first.run_id]
    assert [run.run_id for run in world.going()] == [second.run_id]
    assert run_finished(cancelled) in world.events.published


def test_cancel_leaves_a_run_of_the_same_inputs_alone() -> None:
    """It is the run that is wanted."""
    world = Scheduled("cron: 0 * * * *, overlap: cancel, parameters: {depth: 9}")
    first, second = world.fire(1), world.fire(2)
    assert (second.outcome, second.run_id) == ("unchanged", first.run_id)
    assert world.executions.stopped == {}


def test_a_moment_that_comes_late_cancels_no_later_run() -> None:
    """Days late, out of a dead-letter queue: the later moment's run stays."""
    world = Scheduled(f"{ALWAYS}, overlap: cancel")
    second, first = world.fire(2), world.fire(1)
    assert (first.outcome, first.run_id) == ("superseded", second.run_id)
    assert world.executions.stopped == {}


def test_a_moment_whose_worker_died_is_finished_by_the_next() -> None:
    """It has the turn, and was never decided: the next moment decides it first, then sees its run."""
    world = Scheduled(ALWAYS)
    world.executions.refuse = 1
    with pytest.raises(ServiceUnavailable):
        world.fire(1)
    second = world.fire(2)
    assert second.outcome == "skipped"
    assert world.fire(1).run_id == second.run_id
    assert len(world.runs()) == 1


def test_the_rules_say_the_same_of_what_was_recorded() -> None:
    """Replay: cause and situation are all that a decision needs."""
    for overlap in ("skip", "queue", "cancel"):
        world = Scheduled(f"{ALWAYS}, overlap: {overlap}")
        for record in (world.fire(1), world.fire(2)):
            assert record.cause is not None
            assert record.situation is not None
            again = decide(
                ScheduleFired.model_validate(record.cause), Situation.model_validate(record.situation)
            )
            assert again.outcome == record.outcome


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
