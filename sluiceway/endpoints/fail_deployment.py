"""Brings back what was live before a failed deployment, and records why it failed."""

from sluiceway.causes import Cause, read_cause
from sluiceway.clock import utc_now
from sluiceway.endpoints.contracts import FailDeploymentInput, FailDeploymentOutput
from sluiceway.endpoints.deployment_finished import deployment_finished
from sluiceway.endpoints.resource_names import endpoint_name
from sluiceway.errors import DeploymentFailed, LostRace
from sluiceway.gateways.events import Events
from sluiceway.gateways.hosting import Endpoint, Hosting
from sluiceway.gateways.ledger import DeploymentRecord, Ledger
from sluiceway.gateways.records import DeploymentStatus


def fail_deployment(
    given: FailDeploymentInput, *, ledger: Ledger, hosting: Hosting, events: Events, prefix: str
) -> FailDeploymentOutput:
    """FAILED, with the endpoint as it was before. Raises `LostRace` while the endpoint cannot be changed."""
    cause = read_cause(given.error, given.cause)
    record = _standing(given, ledger, prefix=prefix)
    live = ledger.endpoint(record.project)
    if live is not None and live.deployment_id == record.deployment_id:
        return _already_live(record, cause, ledger, events)
    serving = _restore(record, hosting) if record.status == "IN_PROGRESS" else ""
    reason = f"{cause.reason}; {serving}" if serving else cause.reason
    _end(record, "FAILED", reason, ledger, events)
    return FailDeploymentOutput(deployment_id=record.deployment_id, error=cause.error, reason=reason)


def _standing(given: FailDeploymentInput, ledger: Ledger, *, prefix: str) -> DeploymentRecord:
    """The deployment; one that failed before it was recorded is recorded now, as a mere attempt."""
    found = ledger.find_deployment(given.deployment_id)
    if found is not None:
        return found
    run = ledger.run(given.run_id)
    ledger.begin_deployment(
        DeploymentRecord(
            deployment_id=given.deployment_id,
            project=run.project,
            run_id=given.run_id,
            endpoint=endpoint_name(prefix, run.project),
            model_version=given.model_version,
            image_tag=run.image_tag or "",
            artifact_uri="",
            owner=given.deployment_id,
            started_at=utc_now(),
        )
    )
    return ledger.deployment(given.deployment_id)


def _restore(record: DeploymentRecord, hosting: Hosting) -> str:
    """Bring the previous configuration back; says what the endpoint serves."""
    endpoint = hosting.describe(record.endpoint)
    if record.endpoint_config is None or endpoint is None:
        return ""
    if endpoint.changing:
        raise LostRace(f"endpoint {endpoint.name} is {endpoint.status}: it is restored when that has ended")
    try:
        return _put_back(record, endpoint, hosting)
    except DeploymentFailed as error:
        return f"and the endpoint could not be restored: {error}"


def _put_back(record: DeploymentRecord, endpoint: Endpoint, hosting: Hosting) -> str:
    if record.previous_endpoint_config is None:
        hosting.delete(record.endpoint)
        return "the endpoint, which has never been live, is deleted"
    if endpoint.status == "InService" and endpoint.config != record.endpoint_config:
        return "the endpoint serves what it served before"
    hosting.update(record.endpoint, record.previous_endpoint_config)
    return "the endpoint goes back to what it served before"


def _already_live(
    record: DeploymentRecord, cause: Cause, ledger: Ledger, events: Events
) -> FailDeploymentOutput:
    """It was verified and is live by the ledger, which decides: only the mirror in MLflow is behind."""
    reason = f"version {record.model_version} is live, but the registry could not be told: {cause.reason}"
    _end(record, "SUCCEEDED", reason, ledger, events)
    return FailDeploymentOutput(deployment_id=record.deployment_id, error=cause.error, reason=reason)


def _end(
    record: DeploymentRecord, status: DeploymentStatus, reason: str, ledger: Ledger, events: Events
) -> None:
    ledger.finish_deployment(record.deployment_id, status, reason=reason, at=utc_now())
    ledger.release_endpoint(record.project, record.deployment_id)
    events.publish(deployment_finished(ledger.deployment(record.deployment_id)))
