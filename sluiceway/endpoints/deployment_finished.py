"""The fact that a deployment has ended, as the ledger tells it."""

from sluiceway.errors import LostRace
from sluiceway.gateways.ledger import DeploymentRecord
from sluiceway.triggers.contracts import DeploymentFinished


def deployment_finished(record: DeploymentRecord) -> DeploymentFinished:
    """One event id for each deployment; raises `LostRace` for one that has not ended."""
    if record.status == "IN_PROGRESS":
        raise LostRace(f"deployment {record.deployment_id} has not ended")
    return DeploymentFinished(
        event_id=f"{record.deployment_id}.deployed",
        deployment_id=record.deployment_id,
        project=record.project,
        endpoint=record.endpoint,
        model_version=record.model_version,
        status=record.status,
        reason=record.reason,
    )
