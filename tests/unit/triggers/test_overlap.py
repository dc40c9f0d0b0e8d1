"""What a moment of a schedule does while a run of the same schedule goes on, and when there is none."""

import pytest

from sluiceway.errors import ServiceUnavailable
from sluiceway.schedules.resume_schedule import resume_schedule
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import ScheduleFired
from sluiceway.triggers.decide import decide
from sluiceway.triggers.situation import Situation
from tests.fakes.samples import SLUICE_YAML
from tests.unit.triggers.scheduled import ALWAYS, PROJECT, Scheduled


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
