"""When a run of a schedule has ended, the oldest moment that waits for that has its turn.

The moment comes again as an event of its own, whose id says which run it has waited for: the rules decide
on it as on any other. Told twice of the same end, it is one event.
"""

from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Ledger
from sluiceway.schedules.contracts import ScheduleResumed
from sluiceway.triggers.contracts import RunFinished
from sluiceway.triggers.turns import release_oldest


def resume_schedule(finished: RunFinished, *, ledger: Ledger, events: Events) -> ScheduleResumed:
    """Which moment goes on; none where no moment waits, or the run was of no schedule."""
    run = ledger.find_run(finished.run_id)
    fired = release_oldest(run, ledger=ledger, events=events) if run is not None and run.ended else None
    return ScheduleResumed(run_id=finished.run_id, event_id=fired.event_id if fired else None)
