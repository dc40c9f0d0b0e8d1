"""What a moment of a schedule owes to the others of it: it waits, ends their waiting, or stops their run."""

import itertools

from sluiceway.gateways.ledger import Ledger
from sluiceway.triggers import turns
from sluiceway.triggers.contracts import ScheduleFired
from sluiceway.triggers.decide import Verdict
from sluiceway.triggers.requesting import Decision, Requesting, unchanged
from sluiceway.triggers.run_key import RunInputs, run_id


def settle_turn(
    fired: ScheduleFired, verdict: Verdict, on: Requesting, *, decide: turns.Decide
) -> Decision | None:
    """What came of the moment; None: it is free to have the run that the verdict wants."""
    if verdict.outcome == "queued" and verdict.going is not None:
        turns.let_wait(fired, verdict.going, on)
        return Decision(verdict.outcome, verdict.reason, verdict.going)
    if not turns.stop_waiting(fired, on.ledger):
        return Decision("ignored", "this moment has waited, and has had its turn")
    if verdict.inputs is None:
        turns.pass_on(fired, on)
        return Decision(verdict.outcome, verdict.reason, verdict.going)
    turns.merge_waiting(fired, on.ledger)
    return _stop_going(fired, verdict, on, decide=decide)


def _stop_going(
    fired: ScheduleFired, verdict: Verdict, on: Requesting, *, decide: turns.Decide
) -> Decision | None:
    """Cancel the run that goes on, unless it is the very run that is wanted."""
    going = verdict.going
    while going is not None and verdict.inputs is not None:
        needless = _made_needless(fired, verdict.inputs, on.ledger)
        if needless is not None:
            return needless
        turns.cancel(going, fired, on)
        following = turns.take_turn(fired, on.ledger, decide)
        if following is not None and following.scheduled_at > fired.scheduled_at:
            return Decision("superseded", f"run {following.run_id} is of a later moment of this schedule")
        going = following.run_id if following else None
    return None


def _made_needless(fired: ScheduleFired, inputs: RunInputs, ledger: Ledger) -> Decision | None:
    """By another moment's run, or a push's, of the same inputs, that has not failed."""
    for rerun in itertools.count():
        run = ledger.find_run(run_id(inputs, rerun=rerun))
        if run is None or run.event_id == fired.event_id:
            return None
        if run.status != "FAILED":
            return unchanged(run)
    raise AssertionError("unreachable")
