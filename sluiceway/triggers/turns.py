"""Whose turn it is among the moments of one schedule, so that at most one run of it goes on.

A moment takes the turn before anything is decided, by a condition on the moment that had it before. Whoever
finds a turn whose moment is not decided yet decides it to its end: the other was killed, or is slower, and
both do the same. So nobody waits for anybody, and nothing hangs when a worker dies.

A moment that has to wait is written down before it is looked whether the run that it waits for has ended; a
run's end is written down before waiting moments are looked for. One of the two sees the other.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sluiceway.errors import LostRace
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import EventRecord, Ledger, RunRecord
from sluiceway.gateways.ledger_schedules import FiredMoment, Moment, Turn, WaitingMoment
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import ScheduleFired
from sluiceway.triggers.requesting import Requesting

TRIES = 20
"""Each lost try means that another moment of the schedule has won."""
CANCELLED = "Cancelled"
OWNER = "request_runs"

Decide = Callable[[ScheduleFired], EventRecord]


@dataclass(frozen=True)
class Going:
    """A run of the schedule that has not ended, and the moment that it is of."""

    run_id: str
    scheduled_at: str


def take_turn(fired: ScheduleFired, ledger: Ledger, decide: Decide) -> Going | None:
    """Make it this moment's turn, or say which run of the schedule goes on; raises `LostRace`."""
    for _ in range(TRIES):
        standing = ledger.turn(fired.project, fired.schedule)
        if standing is not None and standing.event_id == fired.event_id:
            return None
        going = _going(standing, ledger, decide) if standing else None
        if going is not None:
            return going
        if ledger.take_turn(_turn(fired), after=standing.event_id if standing else None).ours:
            return None
    raise LostRace(f"{fired.project}: too many moments of the schedule {fired.schedule} at once: try again")


def _going(standing: Turn, ledger: Ledger, decide: Decide) -> Going | None:
    record = decide(ScheduleFired.model_validate(standing.cause))
    run = ledger.find_run(record.run_id) if record.run_id else None
    if run is None or run.ended or run.schedule != standing.schedule:
        return None
    return Going(run.run_id, standing.scheduled_at)


def let_wait(fired: ScheduleFired, going: str, on: Requesting) -> None:
    """Let a moment wait for the end of a run; where that has come meanwhile, the oldest goes on at once."""
    if fired.waited_as is None:
        on.ledger.let_wait(WaitingMoment(**_moment(fired).model_dump(), behind=going))
    run = on.ledger.run(going)
    if run.ended:
        release_oldest(run, ledger=on.ledger, events=on.events)


def release_oldest(run: RunRecord, *, ledger: Ledger, events: Events) -> ScheduleFired | None:
    """Tell of the oldest moment that waits for a run of this schedule; by one id for each run that ends."""
    waiting = ledger.waiting(run.project, run.schedule) if run.schedule else []
    if not waiting:
        return None
    oldest = waiting[0]
    fired = ScheduleFired(
        event_id=f"{oldest.event_id}.after.{run.run_id}",
        project=oldest.project,
        schedule=oldest.schedule,
        scheduled_at=oldest.scheduled_at,
        waited_as=oldest.event_id,
    )
    events.publish(fired)
    return fired


def pass_on(fired: ScheduleFired, on: Requesting) -> None:
    """A moment that has waited, and has no run, leaves its turn to the next one: no end of a run will."""
    if fired.waited_as is None:
        return
    run = on.ledger.find_run(fired.event_id.removeprefix(f"{fired.waited_as}.after."))
    if run is not None:
        release_oldest(run, ledger=on.ledger, events=on.events)


def stop_waiting(fired: ScheduleFired, ledger: Ledger) -> bool:
    """Before anything is done for a moment that has waited: whether it is this event that does it."""
    if fired.waited_as is None:
        return True
    waited = _moment(fired).model_copy(update={"event_id": fired.waited_as})
    return ledger.release(waited, by=fired.event_id).ours


def merge_waiting(fired: ScheduleFired, ledger: Ledger) -> None:
    """Moments that still wait have their turn with this one: it takes the latest of everything."""
    for moment in ledger.waiting(fired.project, fired.schedule):
        ledger.release(moment, by=fired.event_id)


def cancel(going: str, fired: ScheduleFired, on: Requesting) -> None:
    """Stop the execution first: who is killed after that finds the run not ended, and stops it again."""
    if on.ledger.run(going).ended:
        return
    reason = f"cancelled by the schedule {fired.schedule}, whose next moment came: {fired.scheduled_at}"
    on.executions.stop(on.run_pipeline_arn, going, error=CANCELLED, cause=reason)
    on.ledger.finish_run(going, "FAILED", reason=reason, owner=OWNER, at=on.now())
    on.events.publish(run_finished(on.ledger.run(going)))


def note_fired(fired: ScheduleFired, decision_id: str, on: Requesting) -> None:
    """For who asks what came of the schedule last."""
    order = f"{fired.scheduled_at} {on.now()}"
    on.ledger.note_fired(FiredMoment(**_moment(fired).model_dump(), decision_id=decision_id, order=order))


def _turn(fired: ScheduleFired) -> Turn:
    return Turn(**_moment(fired).model_dump(), cause=fired.model_dump(mode="json", exclude_none=True))


def _moment(fired: ScheduleFired) -> Moment:
    return Moment(
        project=fired.project,
        schedule=fired.schedule,
        event_id=fired.event_id,
        scheduled_at=fired.scheduled_at,
    )
