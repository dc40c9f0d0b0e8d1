"""Makes a verified model version the champion: first in the ledger, then in MLflow, which mirrors it."""

from sluiceway.clock import utc_now
from sluiceway.endpoints.contracts import PromoteModelInput, PromoteModelOutput
from sluiceway.endpoints.deployment_finished import deployment_finished
from sluiceway.errors import DeploymentFailed
from sluiceway.gateways.events import Events
from sluiceway.gateways.ledger import DeploymentRecord, EndpointRecord, Ledger, RunFacts
from sluiceway.gateways.registry import Registry
from sluiceway.models.version_tags import CHAMPION, DEPLOYMENT


def promote_model(
    given: PromoteModelInput, *, ledger: Ledger, registry: Registry, events: Events
) -> PromoteModelOutput:
    """Move the ledger, the alias, then end the deployment. Every part may be repeated."""
    record = ledger.deployment(given.deployment_id)
    if not ledger.move_endpoint(live_record(record), replacing=record.previous_deployment_id).ours:
        raise DeploymentFailed(
            f"another deployment of {record.project} went live meanwhile: deploy this version again"
        )
    registry.set_alias(record.project, CHAMPION, record.model_version)
    ledger.note_champion(record.project, record.model_version)
    ledger.note_run(record.run_id, RunFacts(deployed=True))
    registry.set_version_tags(record.project, record.model_version, {DEPLOYMENT: record.deployment_id})
    reason = f"version {record.model_version} is live"
    ledger.finish_deployment(record.deployment_id, "SUCCEEDED", reason=reason, at=utc_now())
    ledger.release_endpoint(record.project, record.deployment_id)
    events.publish(deployment_finished(ledger.deployment(record.deployment_id)))
    return PromoteModelOutput(
        deployment_id=record.deployment_id, endpoint=record.endpoint, model_version=record.model_version
    )


def live_record(record: DeploymentRecord) -> EndpointRecord:
    """What the endpoint serves once this deployment is live."""
    return EndpointRecord(
        project=record.project,
        endpoint=record.endpoint,
        endpoint_config=record.endpoint_config,
        model_version=record.model_version,
        image_tag=record.image_tag,
        artifact_uri=record.artifact_uri,
        deployment_id=record.deployment_id,
        run_id=record.run_id,
        moved_at=utc_now(),
    )
