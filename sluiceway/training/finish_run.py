"""Records how a run ended that came to its end, and says so on the bus."""

from sluiceway.clock import utc_now
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Ledger, RunFacts
from sluiceway.training.contracts import FinishRunInput, FinishRunOutput
from sluiceway.training.run_finished import run_finished
from sluiceway.triggers.contracts import RunStatus


def finish_run(given: FinishRunInput, *, ledger: Ledger, events: Events) -> FinishRunOutput:
    """SUCCEEDED when the gate let the model through, else REJECTED. An end state that stands is kept."""
    status: RunStatus = "SUCCEEDED" if given.passed else "REJECTED"
    facts = RunFacts(model_version=given.model_version, deployed=given.deployed)
    ledger.finish_run(
        given.run_id, status, reason=given.reason, owner="finish_run", at=utc_now(), facts=facts
    )
    standing = ledger.run(given.run_id)
    events.publish(run_finished(standing))
    return FinishRunOutput(run_id=standing.run_id, status=standing.status, reason=standing.reason)
