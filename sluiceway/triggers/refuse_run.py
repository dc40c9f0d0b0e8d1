"""A trigger that cannot become a run is shown as a failed run, so that nobody waits for it in vain."""

from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import Ledger, RunRecord
from sluiceway.triggers.contracts import RunFinished, Trigger
from sluiceway.triggers.run_key import refused_run_id


def refuse_run(
    project: str,
    *,
    event_id: str,
    reason: str,
    trigger: Trigger,
    at: str,
    ledger: Ledger,
    events: Events,
) -> str:
    """Record a FAILED run with the reason and tell the bus; returns its id, the same for the same event."""
    run_id = refused_run_id(project, event_id)
    record = RunRecord(
        run_id=run_id,
        project=project,
        status="FAILED",
        reason=reason,
        trigger=trigger,
        event_id=event_id,
        requested_at=at,
        finished_at=at,
        finished_by="refuse_run",
    )
    ledger.claim_run(record)
    events.publish(
        RunFinished(
            event_id=f"{run_id}.finished",
            run_id=run_id,
            project=project,
            status="FAILED",
            reason=reason,
            model_version=None,
            deployed=False,
        )
    )
    return run_id
