"""The end of a run lets the oldest waiting moment of its schedule go on."""

from sluiceway.gateways.ledger_schedules import WaitingMoment
from sluiceway.schedules.resume_schedule import resume_schedule
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import RunFinished, ScheduleFired
from tests.fakes.events import MemoryEvents
from tests.fakes.ledger import memory_ledger
from tests.fakes.samples import run_record

ENDED = run_record(run_id="pp-1", schedule="often", status="SUCCEEDED")


def _waiting(hour: int, **changes: str) -> WaitingMoment:
    at = f"2026-11-21T{hour:02d}:00:00Z"
    given = {"project": "pp", "schedule": "often", "event_id": f"pp.often.{at}", "scheduled_at": at}
    return WaitingMoment.model_validate({**given, "behind": "pp-1", **changes})


def _resumed(finished: RunFinished, *moments: WaitingMoment) -> list[ScheduleFired]:
    ledger, events = memory_ledger(), MemoryEvents()
    ledger.claim_run(ENDED)
    ledger.claim_run(run_record(run_id="pp-2", status="SUCCEEDED"))
    ledger.claim_run(run_record(run_id="pp-3", schedule="often", status="RUNNING"))
    for moment in moments:
        ledger.let_wait(moment)
    answer = resume_schedule(finished, ledger=ledger, events=events)
    fired = [event for event in events.published if isinstance(event, ScheduleFired)]
    assert answer.event_id == (fired[0].event_id if fired else None)
    return fired


def test_the_oldest_goes_on_under_an_id_that_names_the_run() -> None:
    """Told twice it is the same event; after another run it is another."""
    (fired,) = _resumed(run_finished(ENDED), _waiting(8), _waiting(7))
    assert fired.waited_as == "pp.often.2026-11-21T07:00:00Z"
    assert fired.event_id == "pp.often.2026-11-21T07:00:00Z.after.pp-1"
    assert fired.scheduled_at == "2026-11-21T07:00:00Z"


def test_nothing_goes_on_where_nothing_waits() -> None:
    """Moments of other schedules, and those that have had their turn, do not count."""
    assert _resumed(run_finished(ENDED), _waiting(7, schedule="other"), _waiting(6, state="RELEASED")) == []


def test_only_the_end_of_a_run_of_a_schedule_counts() -> None:
    """Not a push's run, nor one that the ledger does not know or that has not ended."""
    for run_id in ("pp-2", "pp-3", "pp-9"):
        finished = run_finished(ENDED).model_copy(update={"run_id": run_id})
        assert _resumed(finished, _waiting(7)) == []
