"""The fact that a run has ended, as the ledger tells it."""

from sluiceway.gateways.ledger import RunRecord
from sluiceway.triggers.contracts import RunFinished


def run_finished(run: RunRecord) -> RunFinished:
    """One event id for each run: whoever hears it twice can tell."""
    return RunFinished(
        event_id=f"{run.run_id}.finished",
        run_id=run.run_id,
        project=run.project,
        status=run.status,
        reason=run.reason,
        model_version=run.model_version,
        deployed=run.deployed,
    )
